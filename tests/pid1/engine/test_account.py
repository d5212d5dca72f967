"""What the log says of a stop of many children: what is still there and why, and what took the longest."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from tests.pid1.scene import Scene

RULES = """
[child.web]
command = ["web"]
needs   = "db"
[child.web.on]
stop = "12s QUIT"
[child.db]
command = ["db"]
[child.run]
command = ["run"]
[child.run.on]
stop = { run = ["drain"], timeout = "60s", send = "TERM", else = "TERM" }
[task.bye]
command = ["bye"]
at = "end"
"""


def told(scene: Scene, what: str) -> list[tuple[int, int, int, str]]:
    """Return when such a line was written, its numbers and its text."""
    lines = [(now, effect) for now, effect in scene.done if isinstance(effect, fx.Say) and effect.what == what]
    return [(now, each.number, each.wait, each.text) for now, each in lines]


def test_every_five_seconds_it_says_what_is_still_there_and_why() -> None:
    scene = Scene(RULES)
    scene.signal("TERM", at=1000)
    scene.until(13_500)
    assert told(scene, "still") == [
        (6000, 5, 0, "web (QUIT in 7 s), db (after web), run (its command runs)"),
        (11_000, 10, 0, "web (QUIT in 2 s), db (after web), run (its command runs)"),
    ]
    scene.run_ends(0)
    scene.exit("web", at=14_000)
    scene.until(16_000)
    assert told(scene, "still")[2:] == [
        (16_000, 15, 0, "db (it has got its last signal), run (it has got its last signal)")
    ]


def test_at_its_end_it_says_how_long_it_took_and_what_took_the_longest() -> None:
    scene = Scene(RULES)
    scene.signal("TERM", at=1000)
    scene.run_ends(0, at=1500)
    scene.exit("run", at=2000)
    scene.exit("web", at=15_000)
    scene.exit("db", at=16_000)
    scene.exit("bye", at=17_000)
    assert told(scene, "took") == [(17_000, 16_000, 14_000, "web")]


def test_several_plain_children_are_told_of_as_well() -> None:
    scene = Scene(
        '[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]\n[child.b.on]\nstop = { after = "a", send = "QUIT" }\n'
    )
    assert not scene.plan.many
    scene.signal("TERM")
    scene.until(6_000)
    assert told(scene, "waits-for") == [(0, 0, 0, "a")]
    assert told(scene, "still") == [(5_000, 5, 0, "a (it has got its last signal), b (after a)")]
    scene.exit("a")
    scene.exit("b", at=7_000)
    assert told(scene, "took") == [(7_000, 7_000, 6_000, "a")]


def test_what_is_held_is_no_tree_that_is_left() -> None:
    held = 'starting.stop = { hold = "20s", else = "TERM" }\nrestart = { wait = "0s" }\n'
    scene = Scene(f'[child.a]\ncommand = ["a"]\nprogram = "p"\n{held}[child.b]\ncommand = ["b"]\n')
    scene.exit("a", 3)
    scene.signal("TERM", at=1000)
    scene.exit("b", at=2000)
    scene.until(6500)
    assert told(scene, "still") == [(6000, 5, 0, "a (TERM is held until it runs its program)")]


def test_an_only_child_has_no_such_lines() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\n')
    scene.signal("TERM")
    scene.until(60_000)
    scene.exit("a")
    assert scene.said == ["stop"]


def test_of_those_that_stop_side_by_side_the_last_has_taken_the_longest() -> None:
    scene = Scene("".join(f'[child.{name}]\ncommand = ["{name}"]\n' for name in "abc"))
    scene.signal("TERM")
    scene.exit("a", at=7_000)
    scene.exit("b", at=7_500)
    scene.exit("c", at=8_000)
    assert told(scene, "took") == [(8_000, 8_000, 8_000, "c")]
