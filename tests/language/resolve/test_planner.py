from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from sigroute.language import UsageError, compile_plan, load, outline
from sigroute.pid1.names import RTMAX, STANDARD
from sigroute.pid1.plan import ANY_CODE, ANY_SIGNAL, FORWARD, SENDERS, Action, DrainPlan, Plan, Step

if TYPE_CHECKING:
    from pathlib import Path

INT, HUP, TERM, QUIT, KILL, USR1, USR2, WINCH = (
    STANDARD[name] for name in ("INT", "HUP", "TERM", "QUIT", "KILL", "USR1", "USR2", "WINCH")
)
STOP = frozenset({15, 2, 3, 30, 37})


PlanOf = Callable[..., Plan]


@pytest.fixture
def plan_of(tmp_path: Path) -> PlanOf:
    def make(text: str, *command: bytes, overrides: tuple[str, ...] = ()) -> Plan:
        path = tmp_path / "rules.toml"
        path.write_text(text)
        rules = load(str(path), overrides)
        return compile_plan(rules, command) if command else outline(rules)

    return make


def action(plan: Plan, name: str, signal: int, sender: str = "outside", *, starting: bool = False) -> Action:
    child = next(child for child in plan.children if child.name == name)
    return plan.actions[plan.tables[child.starting if starting else child.running][sender][signal]]


def origin(plan: Plan, name: str, signal: int, sender: str = "outside", *, starting: bool = False) -> str:
    return action(plan, name, signal, sender, starting=starting).origin


def sends(plan: Plan, name: str, signal: int, sender: str = "outside") -> list[tuple[int, int]]:
    return [(step.wait, step.signal) for step in action(plan, name, signal, sender).steps]


def test_no_rules_at_all() -> None:
    plan = compile_plan(load(None), (b"/usr/bin/sleep", b"5"))
    assert [(child.name, child.argv) for child in plan.children] == [("sleep", (b"/usr/bin/sleep", b"5"))]
    assert (plan.stop_signals, plan.grace, plan.drain, plan.when, plan.command) == (STOP, None, DrainPlan(), "any", 0)
    for sender in SENDERS:
        for signal in range(1, RTMAX + 1):
            done = action(plan, "sleep", signal, sender)
            assert (done.origin, done.steps) == ("default", (Step(wait=0, signal=FORWARD),))
            assert done.is_stop == (signal in STOP)
            assert done.again == {ANY_SIGNAL: done.steps if signal in STOP else "ignore"}
    guarded = {signal for signal in range(1, RTMAX + 1) if action(plan, "sleep", signal).guard}
    assert guarded == {1, 10, 12, 13, 14, 16, 26, 27, 29, *range(34, 65)} | STOP - {TERM}


def test_the_bundled_default_is_what_no_file_means() -> None:
    command = (b"prog", b"\xff")
    default, none = compile_plan(load("default"), command), compile_plan(load(None), command)
    assert default.but(actions=anonymous(default)) == none.but(actions=anonymous(none))


def anonymous(plan: Plan) -> tuple[Action, ...]:
    return tuple(action.but(origin="") for action in plan.actions)


def test_the_default_with_several_children(plan_of: PlanOf) -> None:
    plan = plan_of('[child.a]\ncommand=["a"]\n[child.b]\ncommand=["b"]')
    done = action(plan, "a", QUIT)
    assert done.steps == (Step(wait=0, signal=TERM),)
    assert done.again == {ANY_SIGNAL: done.steps}
    assert action(plan, "a", USR1).steps == (Step(wait=0, signal=FORWARD),)


def test_signals_edited_out_of_stop_are_guarded(plan_of: PlanOf) -> None:
    plan = plan_of('[signals]\nstop = ["-INT", "-QUIT", "+USR1"]', b"x")
    assert plan.stop_signals == STOP - {INT, QUIT} | {USR1}
    assert [action(plan, "x", signal).guard for signal in (INT, QUIT, USR1, TERM)] == [True, False, True, False]


def test_the_order_of_tables(plan_of: PlanOf) -> None:
    text = """
    [child.web]
    command = ["web"]
    groups = ["two", "one"]
    on.HUP = "USR1"
    [group.one.on]
    HUP = "TERM"
    USR1 = "TERM"
    USR2 = "TERM"
    [group.two.on]
    USR1 = "KILL"
    [on]
    HUP = "INT"
    USR2 = "INT"
    WINCH = "INT"
    """
    plan = plan_of(text)
    signals = (HUP, USR1, USR2, WINCH, TERM)
    origins = ["child.web.on.HUP", "group.two.on.USR1", "group.one.on.USR2", "on.WINCH", "default"]
    assert [origin(plan, "web", signal) for signal in signals] == origins
    plan = plan_of(text, overrides=("HUP=drop", "stop@tty=QUIT"))
    assert [origin(plan, "web", signal) for signal in signals] == ["--on HUP", *origins[1:]]
    assert origin(plan, "web", TERM, "tty") == "--on stop@tty"
    assert action(plan, "web", HUP).do == "drop"


def test_within_one_table(plan_of: PlanOf) -> None:
    plan = plan_of('[on]\nstop = "QUIT"\nTERM = "INT"\n"TERM@tty" = "USR1"\n"stop@tty" = "USR2"', b"x")
    assert sends(plan, "x", TERM, "tty") == [(0, USR1)]
    assert sends(plan, "x", TERM) == [(0, INT)]
    assert sends(plan, "x", INT, "tty") == [(0, USR2)]
    assert sends(plan, "x", INT) == [(0, QUIT)]
    # What happens because a child has exited comes from nobody.
    assert sends(plan, "x", TERM, "sigroute") == [(0, INT)]


def test_a_class_in_a_nearer_table_beats_a_signal_in_another(plan_of: PlanOf) -> None:
    plan = plan_of('[child.x]\non.stop = "QUIT"\n[on]\n"TERM@tty" = "KILL"', b"x")
    assert origin(plan, "x", TERM, "tty") == "child.x.on.stop"


def test_every_part_of_an_action(plan_of: PlanOf) -> None:
    text = """
    [child.a]
    command = ["a"]
    [child.b]
    command = ["b"]
    [child.b.on]
    stop.after = "a"
    stop.run = ["ctl", "é"]
    stop.timeout = "60s"
    stop.send = "30s KILL"
    stop.else = "TERM 1s KILL"
    stop.scope = "tree"
    stop.again = { INT = "KILL", TERM = "next", QUIT = "5s forward" }
    HUP = { run = ["test"], send = "USR1" }
    USR1 = { run = ["test"] }
    USR2 = { run = ["test"], send = "drop", again = "ignore" }
    """
    plan = plan_of(text)
    assert action(plan, "b", TERM) == Action(
        origin="child.b.on.stop",
        is_stop=True,
        after=(0,),
        run=(b"ctl", "é".encode()),
        timeout=60_000,
        steps=(Step(wait=30_000, signal=KILL),),
        otherwise=(Step(wait=0, signal=TERM), Step(wait=1_000, signal=KILL)),
        scope="tree",
        again={
            ANY_SIGNAL: "ignore",
            INT: (Step(wait=0, signal=KILL),),
            TERM: "next",
            QUIT: (Step(wait=5_000, signal=FORWARD),),
        },
    )
    hup = action(plan, "b", HUP)
    assert (hup.is_stop, hup.again, hup.timeout, hup.otherwise) == (False, {ANY_SIGNAL: "repeat"}, 10_000, ())
    assert [action(plan, "b", signal).steps for signal in (USR1, USR2)] == [(), ()]
    assert [action(plan, "b", signal).do for signal in (USR1, USR2)] == ["send", "send"]
    assert action(plan, "b", USR2).again == {ANY_SIGNAL: "ignore"}


def test_a_class_in_again_and_a_signal_of_it(plan_of: PlanOf) -> None:
    plan = plan_of('[on]\nstop = { send = "QUIT", again = { INT = "KILL", stop = "next" } }', b"x")
    again = action(plan, "x", TERM).again
    assert again[TERM] == "next"
    assert again[INT] == (Step(wait=0, signal=KILL),)


def test_after_a_group_means_its_members_but_oneself(plan_of: PlanOf) -> None:
    text = """
    [child.a]
    command = ["a"]
    groups = "app"
    [child.b]
    command = ["b"]
    groups = ["app"]
    [child.c]
    command = ["c"]
    groups = "app"
    on.stop = { after = ["@app", "a"], send = "TERM" }
    """
    assert action(plan_of(text), "c", TERM).after == (0, 1)


@pytest.mark.parametrize(
    ("text", "terminals"),
    [
        ("", [True]),
        ("[child.a]", [True]),
        ('[child.a]\nterminal = "sigroute"', [False]),
        ('[child.a]\n[child.b]\ncommand = ["b"]', [False, False]),
        ('[child.a]\n[child.b]\ncommand = ["b"]\nterminal = "child"', [False, True]),
        ('[child.a]\nlike = "nginx"', [False]),
        ('output = "tag"', [False]),  # else its output would be no pipe
        ('[child.a]\noutput = "${O:-/x}"', [False]),
        ('[child.a]\noutput = "/x"', [True]),
    ],
)
def test_the_terminal_is_a_lone_childs(plan_of: PlanOf, text: str, terminals: list[bool]) -> None:
    assert [child.terminal for child in plan_of(text).children] == terminals


def test_starting(plan_of: PlanOf) -> None:
    text = """
    [child.db]
    program = ["postgres", "postmaster*"]
    exited = "tree"
    on.stop = "INT"
    on.HUP = "drop"
    [child.db.starting]
    stop = { hold = "60s", else = "TERM" }
    USR1 = "hold"
    [on]
    WINCH = "drop"
    """
    plan = plan_of(text, b"db")
    assert plan.children[0].program == ("postgres", "postmaster*")
    assert plan.children[0].tree
    held = action(plan, "db", TERM, starting=True)
    assert (held.do, held.hold, held.otherwise, held.is_stop) == ("hold", 60_000, (Step(wait=0, signal=TERM),), True)
    held = action(plan, "db", USR1, starting=True)
    assert (held.do, held.hold, held.is_stop) == ("hold", None, False)
    # Only [child.db.starting] and the default apply.
    assert [origin(plan, "db", signal, starting=True) for signal in (HUP, WINCH)] == ["default", "default"]


def test_overrides_leave_the_start_alone(plan_of: PlanOf) -> None:
    plan = plan_of('[child.db]\nprogram = "db"\n[child.db.starting]\nstop = "TERM"', overrides=("stop=KILL",))
    assert origin(plan, "db", TERM, starting=True) == "child.db.starting.stop"
    assert origin(plan, "db", TERM) == "--on stop"


def test_exit_and_times(plan_of: PlanOf) -> None:
    text = """
    grace = "25s"
    [child.a]
    command = ["a"]
    [child.b]
    [exit]
    when = "b"
    code = "a"
    map = { 143 = 0, any = 1 }
    [drain]
    wait = "0s"
    """
    plan = plan_of(text, b"b")
    assert (plan.grace, plan.drain, plan.when, plan.code, plan.command) == (25_000, DrainPlan(wait=0), (1,), 0, 1)
    assert plan.stop_exit_map == {143: 0, ANY_CODE: 1}
    assert plan_of('[exit]\nwhen = "all"', b"x").when == "all"


def test_usage(plan_of: PlanOf) -> None:
    with pytest.raises(UsageError, match="no command to run"):
        compile_plan(load(None))
    with pytest.raises(UsageError, match="no command for child nginx"):
        compile_plan(load("nginx"))
    assert [each.name for each in plan_of('[child.a]\ncommand = ["a"]', b"x").children] == ["x"]


@pytest.mark.parametrize(
    ("word", "name"), [(b"/bin/sh", "sh"), (b"./x/", "x"), (b"a\x1b\xff", "a?\ufffd"), (b"/", "command")]
)
def test_a_child_is_named_after_its_program(word: bytes, name: str) -> None:
    assert compile_plan(load(None), (word,)).children[0].name == name


def test_children_with_the_same_rules_share_them(plan_of: PlanOf) -> None:
    lines = [f'[child.c{number}]\ncommand = ["c"]\ngroups = "app"\n' for number in range(1_000)]
    text = "".join(lines) + '[group.app.on]\nstop = "QUIT 10s KILL"\nHUP = "USR2"\n[on]\nUSR1 = "drop"\n'
    plan = plan_of(text)
    assert len(plan.children) == 1_000
    assert len(plan.tables) == 1
    assert len(plan.actions) == 5
    assert len({id(row) for row in plan.tables[0].values()}) == 1


def test_else_of_a_stop_is_what_send_says_where_nothing_else_is_written(plan_of: PlanOf) -> None:
    plan = plan_of('[on]\nstop = { run = ["drain"], send = "30s KILL" }\nHUP = { run = ["test"], send = "HUP" }', b"x")
    stop, hup = (plan.actions[plan.tables[0]["outside"][number]] for number in (15, 1))
    assert stop.otherwise == stop.steps != ()
    assert hup.otherwise == ()
