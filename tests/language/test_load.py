"""Whatever a file says, it is rules or a list of problems, and never anything else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sigroute.handover import to_wire
from sigroute.language import RuleError, UsageError, compile_plan, examine, load, outline
from sigroute.pid1.names import RTMAX
from sigroute.pid1.plan import SENDERS, Launch, from_wire
from tests.language.documents import texts, values, written

if TYPE_CHECKING:
    import random

DATA = Path(__file__).parent.parent / "data"
FILES = [path.read_text() for kind in ("valid", "warnings", "invalid") for path in sorted((DATA / kind).glob("*.toml"))]

words = st.sampled_from(
    ["TERM", "QUIT 5s KILL", "5s QUIT", "drop", "hold", "forward", "5s", "25s", "next", "any", "web", "db", "@app",
     "app",
     "tree", "nginx", "QIUT", "", "5s 5s", "+WINCH", "-QUIT", "HUP", "stop"]
)  # fmt: skip
anything = words | values | st.lists(words, max_size=3)
actions = anything | st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("send", "after", "run", "timeout", "else", "scope", "again", "hold", "sned"), anything),
)
tables = anything | st.dictionaries(
    st.sampled_from(["stop", "TERM", "15", "WINCH@tty", "HUP", "reload", "RTMIN+3", "KILL", "grace", "x@y"]) | texts,
    actions,
    max_size=4,
)
children = anything | st.fixed_dictionaries(
    {},
    optional={
        "command": anything, "program": anything, "like": anything, "groups": anything, "exited": anything,
        "terminal": st.sampled_from(["child", "sigroute"]) | anything, "on": tables, "starting": tables,
        "restart": anything,
    },
)  # fmt: skip
rule_files = st.fixed_dictionaries(
    {},
    optional={
        "grace": anything,
        "signals": anything | st.dictionaries(st.sampled_from(["stop", "reload"]), anything),
        "child": anything | st.dictionaries(st.sampled_from(["web", "db", "any"]) | texts, children, max_size=3),
        "group": anything | st.dictionaries(st.sampled_from(["app", "db"]), st.dictionaries(st.just("on"), tables)),
        "on": tables,
        "exit": anything | st.fixed_dictionaries({}, optional={"when": anything, "code": anything, "map": anything}),
        "drain": anything | st.fixed_dictionaries({}, optional={"wait": anything}),
        "graze": anything,
    },
)


def read(path: Path, text: str) -> None:
    """Read a text; what is wrong has its place, what is right a plan that is whole."""
    path.write_text(text, encoding="utf-8", newline="")
    try:
        loaded = load(str(path), ("HUP=5s USR1",))
    except RuleError as error:
        for problem in error.problems:
            assert problem.message
            assert str(problem).startswith(f"{problem.file}:")
            assert problem.source is None or problem.column <= len(problem.source)
            assert len(str(problem).splitlines()) <= 3
        return
    examine(loaded, stopsignal=10, platform_grace=10_000)
    plan = outline(loaded)
    for table in plan.tables:
        assert set(table) == set(SENDERS)
        assert all(
            len(row) == RTMAX + 1 and all(0 <= each < len(plan.actions) for each in row) for row in table.values()
        )
    wired = from_wire(*to_wire(Launch(plan=plan))).plan
    # A duration with variables becomes a number on the way: its template has the text.
    assert from_wire(*to_wire(Launch(plan=wired))).plan == wired
    assert plan.templates or wired == plan
    for command in ((), (b"web", b"\xff")):
        try:
            compile_plan(loaded, command)
        except UsageError:
            continue


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(written(rule_files))
def test_any_document(tmp_path_factory: pytest.TempPathFactory, drawn: tuple[dict[str, Any], str]) -> None:
    read(tmp_path_factory.getbasetemp() / "document.toml", drawn[1])


@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_any_typing_error(tmp_path_factory: pytest.TempPathFactory, text: str, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 3)):
        at = chance.randint(0, len(text))
        text = (
            text[:at] + chance.choice(["", "", "[", "]", '"', "=", "\n", "é", ".", "x", "{", "}", "5"]) + text[at + 1 :]
        )
    read(tmp_path_factory.getbasetemp() / "typing.toml", text)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    read(tmp_path_factory.getbasetemp() / "text.toml", text)


def test_what_is_nested_too_deeply_for_a_place_is_said_without(tmp_path: Path) -> None:
    path = tmp_path / "deep.toml"
    path.write_text("[on]\nHUP = " + "{a=" * 390 + "1" + "}" * 390 + "\n")
    with pytest.raises(RuleError) as raised:
        load(str(path))
    assert [problem.line for problem in raised.value.problems] == [0]
