"""The command line, and the child that takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.language import load, outline, with_instead
from sigroute.pid1.entry.command import UsageError, complete, name_after, shown

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan

NAMED = '[child.first]\ncommand = ["f", "g"]\n[child.second]\n[child.third]\ncommand = ["t"]\n'
NOBODY = '[child.first]\ncommand = ["f", "g"]\n'


def plan_of(folder: Path, rules: str) -> Plan:
    (folder / "rules.toml").write_text(rules)
    return with_instead(outline(load(str(folder / "rules.toml"))))


def test_the_one_child_is_named_after_its_program(tmp_path: Path) -> None:
    (child,) = complete(plan_of(tmp_path, ""), [b"/usr/bin/server", b"-x"]).children
    assert (child.name, child.argv) == ("server", (b"/usr/bin/server", b"-x"))


def test_the_child_without_a_command_takes_it_and_the_others_stay(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, NAMED)
    done = complete(plan, [b"a", b""])
    assert [(child.name, child.argv) for child in done.children] == [
        ("first", (b"f", b"g")),
        ("second", (b"a", b"")),
        ("third", (b"t",)),
    ]
    assert done.but(children=plan.children) == plan


def test_where_every_child_has_one_none_is_needed(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, NOBODY)
    assert complete(plan, []) == plan.but(instead=None)


def test_a_command_that_nobody_waits_for_runs_alone_by_the_default_rules(tmp_path: Path) -> None:
    done = complete(plan_of(tmp_path, 'grace = "5s"\n[on]\nstop = "QUIT"\n' + NOBODY), [b"sh", b"-l"])
    assert done == complete(plan_of(tmp_path, ""), [b"sh", b"-l"])


@pytest.mark.parametrize(
    ("rules", "words", "said"),
    [
        ("", [], "no command to run"),
        (NAMED, [], "no command for child second: the rules give it none, so it goes on the command line"),
    ],
)
def test_a_command_line_that_does_not_fit(tmp_path: Path, rules: str, words: list[bytes], said: str) -> None:
    plan = plan_of(tmp_path, rules)
    with pytest.raises(UsageError) as caught:
        complete(plan, words)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("word", "name"),
    [
        (b"a", "a"),
        (b"/bin/a", "a"),
        (b"./a/", "a"),
        (b"", "command"),
        (b"/", "command"),
        (b"caf\xc3\xa9", "caf\xe9"),
        (b"\xff", "\ufffd"),
    ],
)
def test_a_name_after_a_program(word: bytes, name: str) -> None:
    assert name_after(word) == name


def test_what_is_shown_keeps_to_its_line() -> None:
    assert shown(b"a\nb\x1b[m") == "a?b?[m"


def test_nobody_waits_for_a_child_that_is_left_out(tmp_path: Path) -> None:
    """A stop of tasks alone would wait for it."""
    made = plan_of(tmp_path, '[task.one]\ncommand = ["one"]\n[task.two]\ncommand = ["two"]\nneeds = "one"\n')
    assert any(2 in each.after for each in made.actions)
    alone = complete(made, ())
    assert [child.name for child in alone.children] == ["one", "two"]
    assert {index for each in alone.actions for index in each.after} == {1}
