"""The rules that say what a stand-in does: right rules, for every command line, which send what it sends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from sigroute.as_rules import RECEIVED, STOPS, as_rules, shown
from sigroute.language import compile_plan, examine, load
from sigroute.pid1.compat import ROLES
from sigroute.pid1.compat.routes_plan import plan_of
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.plan import DrainPlan
from tests.pid1.compat.chosen import KINDS, Chosen
from tests.pid1.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigroute.pid1.plan import Plan

LINES = 60
SIGNALS = 60

#: What is no letter, no UTF-8, or means something to TOML, a shell or str.format.
ODD = (
    "", "a b", "a\nb = 1", "\n[on]", "a\r", "\x1b[31m", "\x7f", "\x00", "a\x85b", "\u2028", "\udcff", "\ufeff",
    '"', "'", "'''", '"""', "\\", "#", "{", "{what}", "{0}", "grün 🙂", "nginx", "/usr/sbin/nginx", "a/", "..",
)  # fmt: skip

#: Longer than what makes a second arrival a duplicate for rules.
LATER = 1000


def rules_of(chosen: Chosen, folder: Path, *command: str) -> Plan:
    """Return what its rules make; they are right, and there is nothing to warn of."""
    path = folder / "rules.toml"
    path.write_text(as_rules(chosen.name, [*chosen.words, *command], chosen.role(*command)), encoding="utf-8")
    rules = load(str(path))
    said = [problem.message for problem in examine(rules)]
    if 9 in chosen.rewritten.values():  # that is worth a warning wherever it is written
        said = [each for each in said if not each.startswith("KILL as the first step")]
    assert said == []
    return compile_plan(rules, () if chosen.pauses else [each.encode() for each in command or ("prog",)])


def with_a_child(name: str, pick: random.Random, folder: Path) -> Iterator[tuple[Chosen, Plan]]:
    """Yield random command lines that start a child, with the plans that their rules make; others are only made."""
    for _ in range(LINES):
        chosen = KINDS[name](pick)
        plan = rules_of(chosen, folder)
        if not chosen.pauses:
            yield chosen, plan


@pytest.mark.parametrize("name", ROLES)
def test_a_signal_does_the_same_by_the_rules(name: str, tmp_path: Path) -> None:
    pick = random.Random(name)
    for chosen, plan in with_a_child(name, pick, tmp_path):
        for signal in RECEIVED & set(chosen.hears()):
            for sender in ("outside", "inside"):
                action = plan.actions[plan.tables[plan.children[0].running][sender][signal]]
                sent = chosen.sends(signal)
                assert action.do == ("send" if sent else "drop"), (chosen, signal)
                assert [(step.wait, step.signal or signal) for step in action.steps] == ([(0, sent)] if sent else [])
                assert (action.guard, action.run, action.after, action.is_stop) == (False, (), (), signal in STOPS)
                # The scope where none is written; of a child without a program it means its process.
                assert not plan.children[0].program
                assert not sent or action.scope == ("process-group" if chosen.group else "program")


def sent_by(plan: Plan, arrivals: list[tuple[int, str]]) -> list[tuple[int, bool]]:
    """Return what the child gets, and whether its group does, when these arrive one after the other."""
    world = World(plan)
    world.begin()
    for signal, sender in arrivals:
        world.until(world.now + LATER)
        world.feed(ev.Signal(signal=signal, sender=sender))
    return [(effect.signal, effect.group) for _, effect in world.done if isinstance(effect, fx.Kill)]


@pytest.mark.parametrize("name", ROLES)
def test_so_do_repeats_and_a_stop_after_another(name: str, tmp_path: Path) -> None:
    pick = random.Random(name)
    for chosen, plan in with_a_child(name, pick, tmp_path):
        signals = sorted(RECEIVED & set(chosen.hears()))
        arrivals = [(pick.choice((*signals, *STOPS)), pick.choice(("outside", "inside"))) for _ in range(SIGNALS)]
        assert sent_by(plan, arrivals) == sent_by(plan_of(chosen.role().routes, (b"prog",)), arrivals), chosen


def test_a_rewritten_stop_does_not_change_the_others(tmp_path: Path) -> None:
    chosen = Chosen("dumb-init", ["-c", "-r", "15:3"])
    chosen.single = True
    plan = rules_of(chosen, tmp_path)
    sent = [number for number, _ in sent_by(plan, [(2, "outside"), (15, "outside"), (2, "outside"), (15, "outside")])]
    assert sent == [2, 3, 2, 3]


def test_exit_codes(tmp_path: Path) -> None:
    plan = rules_of(Chosen("tini", ["-e", "143", "-e", "7"]), tmp_path)
    assert plan.stop_exit_map == {143: 0, 7: 0}
    assert rules_of(Chosen("tini", []), tmp_path).drain == DrainPlan(wait=0)


@pytest.mark.parametrize(
    "word",
    ODD,
)
@pytest.mark.parametrize("name", ROLES)
def test_no_word_can_break_the_file(name: str, word: str, tmp_path: Path) -> None:
    chosen = Chosen(name, ["--"])
    path = tmp_path / "rules.toml"
    text = as_rules(name, ["--", word, word], chosen.role(word, word))
    path.write_text(text, encoding="utf-8")
    rules = load(str(path))
    assert list(examine(rules)) == []
    assert examine(load(str(path))) == ()
    plain = as_rules(name, ["--", "prog"], chosen.role("prog"))
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        line for line in plain.splitlines() if not line.startswith("#")
    ]
    assert ("There are rules that are made for it" in text) == word.endswith("nginx")


def test_words_are_shown_as_a_shell_reads_them_where_that_can_be() -> None:
    assert shown(["prog", "a b", "'"]) == """prog 'a b' ''"'"''"""
    assert shown(["a\nb", "\udcff"]) == r"'a\nb' '\udcff'"


@pytest.mark.parametrize("word", ["", "a\nb = 1", "\r", "\udcff"])
def test_a_pause(word: str, tmp_path: Path) -> None:
    chosen = Chosen("catatonit", ["-P"])
    chosen.pauses = True
    rules_of(chosen, tmp_path)
    path = tmp_path / "rules.toml"
    path.write_text(as_rules("catatonit", ["-P", word], chosen.role()), encoding="utf-8")
    for number in (2, 15):
        world = World(compile_plan(load(str(path))))
        world.begin()
        for signal in sorted(RECEIVED - {2, 15}):
            world.feed(ev.Signal(signal=signal, sender="outside"))
        assert [effect for _, effect in world.done if isinstance(effect, fx.Kill)] == []
        world.feed(ev.Signal(signal=number, sender="outside"))
        assert [effect.signal for _, effect in world.done if isinstance(effect, fx.Kill)] == [15]
        world.die(world.living()[0], 143)
        world.reap()
        assert world.code == 0


@pytest.mark.parametrize(
    ("name", "words", "said", "unsaid"),
    [
        (
            "tini",
            [],
            {"adopts orphans only as PID 1"},
            {"parent dies", "maps exit codes", "directory to /", "session", "be run"},
        ),
        ("tini", ["-s", "-p", "SIGHUP", "-e", "1"], {"gets HUP when", "maps exit codes"}, {"adopts orphans"}),
        (
            "dumb-init",
            [],
            {"stops itself", "sends TERM to the processes", "a session of its own", "directory to /", "with 2 if"},
            {"shares its process group"},
        ),
        ("dumb-init", ["-r", "15:3"], {"sends QUIT to the processes"}, {"sends TERM"}),
        (
            "dumb-init",
            ["-c"],
            {"shares its process group", "stops itself"},
            {"a session of its own", "to the processes that its program"},
        ),
        ("catatonit", [], {"TSTP, TTIN and TTOU are blocked", "directory to /", "with 1 if"}, {"adopts orphans"}),
    ],
)
def test_what_remains_different_is_told(name: str, words: list[str], said: set[str], unsaid: set[str]) -> None:
    text = as_rules(name, words, Chosen(name, words).role())
    assert {each for each in said if each in text} == said
    assert {each for each in unsaid if each in text} == set()
