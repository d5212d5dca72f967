"""The default's protection: what would kill a child for want of a handler, and what a stop becomes."""

from __future__ import annotations

import pytest

from sigroute.pid1.names import number_of
from tests.pid1.engine.test_routing import NGINX
from tests.pid1.scene import Scene


def test_the_default_drops_what_would_kill_for_want_of_a_handler_and_says_so() -> None:
    scene = Scene()
    scene.become("server", "server", handled=0)
    scene.signal("HUP")
    assert scene.sent == []
    assert scene.said == ["protected"]


@pytest.mark.parametrize("name", ["QUIT", "ABRT", "CONT", "WINCH"])
def test_the_default_forwards_what_dumps_core_and_what_is_harmless(name: str) -> None:
    scene = Scene("" if name != "QUIT" else '[signals]\nstop = ["-QUIT"]')
    scene.become("server", "server", handled=0)
    scene.signal(name)
    assert [what for _, _, what in scene.sent] == [name]


def test_an_explicit_forward_is_not_second_guessed() -> None:
    scene = Scene('[on]\nHUP = "forward"')
    scene.become("server", "server", handled=0)
    scene.signal("HUP")
    assert scene.sent == [(0, "server", "HUP")]


HANDLES = {name: 1 << number_of(name) - 1 for name in ("HUP", "TERM", "QUIT", "RTMIN+3")}


@pytest.mark.parametrize(
    ("handled", "ignored", "sent"),
    [
        ("TERM", "", "TERM"),
        ("TERM QUIT", "", "QUIT"),
        ("TERM QUIT", "QUIT", "TERM"),  # nothing would come of it
        ("QUIT", "", "QUIT"),
        ("", "", "QUIT"),  # a shell that dies of either
        ("TERM", "TERM", "QUIT"),  # an interactive shell
    ],
)
@pytest.mark.parametrize("rules", ["", NGINX.replace('stop = "QUIT"', "")])
def test_a_stop_is_forwarded_or_becomes_term_where_only_that_is_handled(
    rules: str, handled: str, ignored: str, sent: str
) -> None:
    scene = Scene(rules)
    scene.become(scene.names[0], "sh", handled=mask(handled), ignored=mask(ignored))
    scene.signal("QUIT", value=5)
    scene.signal("QUIT", at=1000)
    assert [what for _, _, what in scene.sent] == [sent, sent], "repeats too"
    assert scene.values[0] == (sent, 5 if sent == "QUIT" else None)
    assert scene.said.count("as-term") == (2 if sent == "TERM" else 0)


def mask(names: str) -> int:
    return sum(HANDLES[name] for name in names.split())


def test_a_stop_of_one_that_cannot_be_read_is_forwarded() -> None:
    scene = Scene(proc=False)
    scene.signal("RTMIN+3")
    assert scene.sent == [(0, "server", "RTMIN+3")]


@pytest.mark.parametrize(
    ("handlers", "sent", "said"),
    [
        (["TERM"], ["TERM"], ["protected", "as-term"]),
        (["TERM HUP QUIT", "TERM QUIT"], ["QUIT", "QUIT"], ["protected"]),
        (["TERM HUP", "TERM HUP"], ["HUP", "HUP", "TERM", "TERM"], ["as-term"]),
        (["HUP", "HUP TERM"], ["HUP", "HUP", "QUIT", "QUIT"], []),
    ],
)
def test_what_it_left_behind_is_read_in_its_place(handlers: list[str], sent: list[str], said: list[str]) -> None:
    scene = Scene('[child.server]\nexited = "tree"')
    for each in handlers:
        daemon = scene.fork(scene.child("server"), alone=False)
        assert daemon is not None
        daemon.handled = mask(each)
    scene.exit("server")
    scene.signal("HUP")
    scene.signal("QUIT")
    assert [what for _, _, what in scene.sent] == sent
    assert [what for what in scene.said if what in ("protected", "as-term")] == said


def test_a_written_forward_forwards_a_stop_as_it_came() -> None:
    scene = Scene('[on]\nstop = "forward"')
    scene.become("server", "server", handled=mask("TERM"))
    scene.signal("RTMIN+3")
    assert scene.sent == [(0, "server", "RTMIN+3")]
