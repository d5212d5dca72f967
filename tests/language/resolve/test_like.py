from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.language import RuleError, load, outline
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import DrainPlan
from tests.language.resolve.test_planner import action, origin

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan

HUP, INT, TERM, USR1, USR2, WINCH = (STANDARD[name] for name in ("HUP", "INT", "TERM", "USR1", "USR2", "WINCH"))

LIKED = """
grace = "1s"
[signals]
stop = ["+USR1", "-QUIT"]
reload = ["HUP", "USR2"]
[child.server]
command = ["never", "taken"]
program = "server"
groups = "inner"
exited = "tree"
terminal = "sigroute"
on.stop = "INT"
starting.stop = "TERM"
[group.inner.on]
WINCH = "drop"
[on]
reload = "USR1"
[exit]
map = { 143 = 0 }
[drain]
wait = "1s"
"""


def plan_of(folder: Path, text: str, liked: str = LIKED) -> Plan:
    (folder / "liked.toml").write_text(liked)
    (folder / "rules.toml").write_text(text)
    return outline(load(str(folder / "rules.toml")))


def test_what_it_brings(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, '[child.a]\ncommand = ["a"]\nlike = "./liked.toml"\n[on]\nWINCH = "forward"\nALRM = "drop"'
    )
    child = plan.children[0]
    assert (child.argv, child.program, child.tree, child.terminal) == ((b"a",), ("server",), True, False)
    assert origin(plan, "a", TERM) == "like ./liked.toml: child.server.on.stop"
    assert origin(plan, "a", WINCH) == "like ./liked.toml: group.inner.on.WINCH"
    assert origin(plan, "a", HUP) == "like ./liked.toml: on.reload"
    assert origin(plan, "a", STANDARD["ALRM"]) == "on.ALRM"
    assert origin(plan, "a", TERM, starting=True) == "like ./liked.toml: child.server.starting.stop"
    assert plan.stop_signals == {15, 2, 30, 37, USR1}
    assert (plan.grace, plan.drain, plan.stop_exit_map) == (None, DrainPlan(), {})


def test_what_the_child_has_itself_wins(tmp_path: Path) -> None:
    text = """
    [signals]
    stop = ["-USR1"]
    [child.a]
    command = ["a"]
    like = "./liked.toml"
    program = "mine"
    exited = "process"
    terminal = "child"
    on.WINCH = "forward"
    on.reload = "ALRM"
    starting.HUP = "drop"
    """
    plan = plan_of(tmp_path, text)
    child = plan.children[0]
    assert (child.program, child.tree, child.terminal) == (("mine",), False, True)
    assert plan.stop_signals == {15, 2, 30, 37}
    assert origin(plan, "a", WINCH) == "child.a.on.WINCH"
    # The class is taken over with its name.
    assert origin(plan, "a", USR2) == "child.a.on.reload"
    assert origin(plan, "a", TERM, starting=True) == "default"
    assert origin(plan, "a", HUP, starting=True) == "child.a.starting.HUP"


def test_two_that_are_like_one_that_takes_the_terminal(tmp_path: Path) -> None:
    text = '[child.a]\ncommand = ["a"]\nlike = "./liked.toml"\n[child.b]\nlike = "./liked.toml"'
    with pytest.raises(RuleError) as raised:
        plan_of(tmp_path, text, '[child.server]\nterminal = "child"')
    (problem,) = raised.value.problems
    assert problem.line == 5
    assert problem.message == "child b takes the terminal, as child a does, in child.b.like"
    plan = plan_of(tmp_path, f'{text}\nterminal = "sigroute"', '[child.server]\nterminal = "child"')
    assert [child.terminal for child in plan.children] == [True, False]


def test_a_list_of_ones_own_ignores_edits(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[signals]\nstop = ["TERM"]\n[child.a]\nlike = "./liked.toml"')
    assert plan.stop_signals == {TERM}
    assert origin(plan, "a", INT) == "default"


def test_a_signal_stays_in_the_class_it_has_here(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, '[signals]\nmine = ["HUP"]\n[child.a]\nlike = "./liked.toml"\non.reload = "ALRM"\non.mine = "drop"'
    )
    assert origin(plan, "a", HUP) == "child.a.on.mine"
    assert origin(plan, "a", USR2) == "child.a.on.reload"


def test_like_what_is_like_another(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('[on]\nHUP = "drop"\nALRM = "drop"\n[child.base]\nprogram = "base"\n')
    liked = '[child.server]\nlike = "./base.toml"\non.HUP = "USR1"\n[on]\nALRM = "TERM"\nUSR1 = "drop"'
    plan = plan_of(tmp_path, '[child.a]\nlike = "./liked.toml"', liked)
    assert plan.children[0].program == ("base",)
    assert origin(plan, "a", HUP) == "like ./liked.toml: child.server.on.HUP"
    assert origin(plan, "a", STANDARD["ALRM"]) == "like ./base.toml: on.ALRM"
    assert origin(plan, "a", USR1) == "like ./liked.toml: on.USR1"


def test_like_a_file_without_a_child(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[child.a]\nlike = "./liked.toml"', '[on]\nHUP = "drop"')
    assert action(plan, "a", HUP).do == "drop"


def test_paths_are_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "liked.toml").write_text('[child.a]\nlike = "other.toml"')
    (tmp_path / "inner" / "other.toml").write_text('[on]\nHUP = "drop"')
    plan = plan_of(tmp_path, '[child.a]\nlike = "inner/liked.toml"')
    assert origin(plan, "a", HUP) == "like other.toml: on.HUP"


def test_a_file_that_several_are_like_is_wrong_once(tmp_path: Path) -> None:
    text = '[child.a]\ncommand = ["a"]\nlike = "./liked.toml"\n[child.b]\nlike = "./liked.toml"\nexitd = "tree"'
    with pytest.raises(RuleError) as raised:
        plan_of(tmp_path, text, '[on]\nHUP = "QIUT"')
    assert [(problem.file.rpartition("/")[2], problem.line) for problem in raised.value.problems] == [
        ("rules.toml", 6),
        ("liked.toml", 2),
    ]


def test_a_circle(tmp_path: Path) -> None:
    with pytest.raises(RuleError) as raised:
        plan_of(tmp_path, '[child.a]\nlike = "./liked.toml"', '[child.b]\nlike = "./rules.toml"')
    assert '"./rules.toml" leads back to this file' in str(raised.value)


def test_a_chain_that_is_too_long(tmp_path: Path) -> None:
    for index in range(400):
        (tmp_path / f"{index}.toml").write_text(f"[child.a]\nlike = '{index + 1}.toml'\n")
    (tmp_path / "400.toml").write_text("")
    assert load(str(tmp_path / "380.toml")).rules.children
    with pytest.raises(RuleError, match="over 32 files are each like the next"):
        load(str(tmp_path / "0.toml"))


def test_what_waits_in_a_liked_file_waits_for_nobody_here(tmp_path: Path) -> None:
    liked = '[child.a]\ngroups = "g"\non.stop = { after = "@g", send = "TERM" }'
    text = '[child.a]\ncommand = ["a"]\ngroups = "g"\n[child.b]\nlike = "./liked.toml"\n[on]\nUSR1 = "drop"'
    assert action(plan_of(tmp_path, text, liked), "b", TERM).after == ()


def test_a_command_in_a_liked_file_becomes_a_stop_here(tmp_path: Path) -> None:
    liked = '[on]\nHUP = { run = ["test"] }\nUSR2 = { run = ["test"], else = "TERM" }'
    text = '[signals]\nstop = ["+HUP", "+USR2"]\n[child.a]\nlike = "./liked.toml"\n'
    with pytest.raises(RuleError) as raised:
        plan_of(tmp_path, text, liked)
    (problem,) = raised.value.problems
    assert problem.line == 4
    assert problem.message == "run without send or else, though HUP is of class stop here, in like ./liked.toml: on.HUP"
    assert plan_of(tmp_path, text + 'on.HUP = "drop"', liked)


def test_a_hold_in_a_liked_file_needs_an_end_here(tmp_path: Path) -> None:
    liked = '[child.db]\nprogram = "db"\nstarting.stop = "hold"'
    with pytest.raises(RuleError) as raised:
        plan_of(tmp_path, '[child.a]\nlike = "./liked.toml"', liked)
    assert "a stop is held for ever if a never becomes db" in str(raised.value)
    plan_of(tmp_path, 'grace = "60s"\n[child.a]\nlike = "./liked.toml"', liked)


@pytest.mark.parametrize(
    ("name", "number"),
    [("nginx", "QUIT"), ("postgres", "INT"), ("httpd", "WINCH"), ("haproxy", "USR1"), ("php-fpm", "QUIT")],
)
def test_bundled_stops(name: str, number: str) -> None:
    plan = outline(load(name))
    for signal in sorted(plan.stop_signals - {INT}):
        assert [step.signal for step in action(plan, name, signal).steps] == [STANDARD[number]]
        assert origin(plan, name, signal, starting=True) == f"child.{name}.starting.stop"


def test_a_window_that_changes_stops_no_httpd() -> None:
    plan = outline(load("httpd"))
    for starting in (False, True):
        assert action(plan, "httpd", WINCH, "tty", starting=starting).do == "drop"
        assert action(plan, "httpd", WINCH, "outside", starting=starting).do == "send"


def test_what_is_a_stop_from_outside_only_is_none_for_the_others_from_the_terminal(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[child.web]\ncommand = ["w"]\nlike = "httpd"\n[child.db]\ncommand = ["db"]')
    assert plan.stop_senders == {WINCH: ("outside", "sigroute")}
    table = plan.tables[plan.children[1].running]
    assert plan.actions[table["outside"][WINCH]].is_stop
    assert not plan.actions[table["tty"][WINCH]].is_stop


def test_edits_by_sender_add_up(tmp_path: Path) -> None:
    def stop_senders(edits: str) -> dict[int, tuple[str, ...]]:
        return plan_of(tmp_path, f"[signals]\nstop = [{edits}]").stop_senders

    assert stop_senders('"+USR1@outside", "+USR1@tty"') == {USR1: ("outside", "sigroute", "tty")}
    assert stop_senders('"+USR1@outside", "+USR1"') == {}
    assert stop_senders('"+TERM@outside"') == {}
    assert stop_senders('"TERM@outside", "INT"') == {TERM: ("outside", "sigroute")}
