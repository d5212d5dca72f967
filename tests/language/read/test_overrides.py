from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.language import RuleError, compile_plan, load
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import Plan, Step
from tests.language.resolve.test_planner import action

TERM, HUP = STANDARD["TERM"], STANDARD["HUP"]


def plan_of(*overrides: str) -> Plan:
    return compile_plan(load(None, overrides), (b"x",))


@pytest.mark.parametrize("text", ["stop=QUIT", " stop = QUIT ", "SIGTERM=3", "TERM@outside=QUIT", "15=QUIT"])
def test_a_string(text: str) -> None:
    assert action(plan_of(text), "x", TERM).steps == (Step(wait=0, signal=3),)


def test_a_table() -> None:
    made = action(plan_of('HUP={ run = ["a", "="], send = "USR1" }'), "x", HUP)
    assert (made.run, made.steps) == ((b"a", b"="), (Step(wait=0, signal=STANDARD["USR1"]),))


def test_a_word_that_is_no_utf8_is_run_as_it_is() -> None:
    text = b'HUP={ run = ["caf\xe9"], send = "USR1" }'.decode(errors="surrogateescape")
    assert action(plan_of(text), "x", HUP).run == (b"caf\xe9",)


def test_the_last_one_counts() -> None:
    assert action(plan_of("HUP=drop", "HUP=USR1"), "x", HUP).do == "send"


WRONG = """
stop
--on: "stop" is no KEY=ACTION
      as in --on 'stop=5s QUIT'

=QUIT
--on: "=QUIT" is no KEY=ACTION
      as in --on 'stop=5s QUIT'

HUP=
--on:1: empty string in HUP
    1 | HUP = ""
      |       ^^ write "forward" to send what arrived, "drop" to send nothing

stop=5s QIUT
--on:1: unknown signal "QIUT" in stop
    1 | stop = "5s QIUT"
      |            ^^^^ did you mean QUIT?

TREM@tty=QUIT
--on:1: unknown signal "TREM"
    1 | "TREM@tty" = "QUIT"
      |  ^^^^ did you mean TERM?

HUP=hold
--on:1: "hold" is for a child that is starting in HUP
    1 | HUP = "hold"
      |        ^^^^ write it alone, as KEY = "hold", under [child.NAME.starting]

HUP={ send = }
--on:1: syntax error: invalid value
    1 | HUP = { send = }
      |                ^ a value is "a string", 15, true, [a list] or { a table }
"""


@pytest.mark.parametrize("case", WRONG.strip().split("\n\n"))
def test_what_is_wrong_with_one(case: str) -> None:
    text, _, said = case.partition("\n")
    with pytest.raises(RuleError) as raised:
        load(None, (text,))
    assert str(raised.value) == said


def test_all_that_is_wrong_at_once() -> None:
    with pytest.raises(RuleError) as raised:
        load(None, ("HUP=QIUT", "USR1=TREM"))
    assert [problem.line for problem in raised.value.problems] == [1, 2]


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_override_is_a_rule_or_a_problem(key: str, action_text: str) -> None:
    for text in (f"{key}={action_text}", f"stop={action_text}", f"{key}=drop", f"HUP={{{action_text}}}"):
        try:
            load(None, (text,))
        except RuleError as error:
            said = str(error)
            assert said.startswith("--on")
