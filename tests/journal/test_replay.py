"""A journal done again: the same effects, and the place of whatever is not the same."""

from __future__ import annotations

import json
import os
import random
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from sigroute.journal.read import JournalError, Step, parts
from sigroute.journal.replay import Difference, difference, follows, lines, runs_of
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.effects import Kill
from sigroute.pid1.engine.events import EngineFailed, Signal, Tick
from sigroute.pid1.journal.seal import NONE, seal_of, sealed
from tests.journal.written import journal_of

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.journal.read import Part
    from sigroute.pid1.engine.effects import Effect

#: How many random journals.
JOURNALS = int(os.environ.get("SIGROUTE_JOURNALS", "1000"))


def read(data: bytes) -> list[Part]:
    return parts("j", data.splitlines(keepends=True))


@pytest.mark.parametrize("begin", range(0, JOURNALS, 50))
def test_random_journals_give_the_same_effects(begin: int, tmp_path: Path) -> None:
    for seed in range(begin, min(begin + 50, JOURNALS)):
        path = tmp_path / str(seed)
        world = journal_of(seed, path)
        whole = read(path.read_bytes())
        assert not any(isinstance(difference(part), Difference) for part in whole)
        recorded = [effect for part in whole for step in part.steps for effect in step.effects]
        assert recorded == [effect for _, effect in world.done]
        assert [step.at for part in whole for step in part.steps] == sorted(
            step.at for part in whole for step in part.steps
        )


@pytest.mark.parametrize("begin", range(0, JOURNALS, 50))
def test_a_changed_byte_is_found_and_its_line_is_told(begin: int, tmp_path: Path) -> None:
    for seed in range(begin, min(begin + 50, JOURNALS)):
        path, pick = tmp_path / str(seed), random.Random(seed)
        journal_of(seed, path)
        data = path.read_bytes()
        place = pick.randrange(len(data) - 1)
        changed = data[:place] + bytes([data[place] ^ pick.randrange(1, 256)]) + data[place + 1 :]
        number = data.count(b"\n", 0, place) + 1
        with pytest.raises(JournalError) as raised:
            read(changed)
        assert str(raised.value).startswith((f"j:{number}: ", f"j:{number + 1}: ")), (seed, place)


@pytest.mark.parametrize("line", range(1, 6))
def test_a_line_that_is_missing_or_doubled_is_found(line: int, tmp_path: Path) -> None:
    journal_of(3, tmp_path / "j")
    rows = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    assert len(rows) > 8
    for wrong in (rows[:line] + rows[line + 1 :], rows[: line + 1] + rows[line:]):
        with pytest.raises(JournalError, match=r"one before it is missing"):
            parts("j", wrong)


def test_a_last_line_that_was_cut_is_no_damage(tmp_path: Path) -> None:
    journal_of(3, tmp_path / "j")
    rows = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    (whole,) = parts("j", rows)
    (cut,) = parts("j", [*rows[:-1], rows[-1][:-5]])
    assert len(cut.steps) == len(whole.steps) - 1


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"", "j:1: this is no journal"),
        (b"\n", "j:1: this is no journal"),
        (b"GET /\n", "j:1: this is no journal"),
        (b'{"journal": 1}\n', "j:1: this line is damaged"),
        (b"\xff\n" * 9, "j:1: this is no journal"),
    ],
)
def test_what_is_no_journal(data: bytes, trouble: str) -> None:
    with pytest.raises(JournalError) as raised:
        read(data)
    assert str(raised.value).startswith(trouble)


def test_another_decision_is_told_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = next(seed for seed in range(99) if kills(tmp_path / str(seed), seed))
    whole = read((tmp_path / str(seed)).read_bytes())
    first = next(step for part in whole for step in part.steps if any(map(is_kill, step.effects)))

    def emit(self: Draft, effect: Effect) -> None:
        self.effects.append(effect.but(signal=63) if is_kill(effect) else effect)

    monkeypatch.setattr(Draft, "emit", emit)
    found = next(each for part in whole if isinstance(each := difference(part), Difference))
    assert found.step.place == first.place
    assert [effect.signal for effect in found.now if isinstance(effect, Kill)][:1] == [63]


def kills(path: Path, seed: int) -> bool:
    return any(is_kill(effect) for _, effect in journal_of(seed, path).done)


def is_kill(effect: Effect) -> bool:
    return isinstance(effect, Kill)


def test_the_lines_are_those_of_the_log(tmp_path: Path) -> None:
    journal_of(7, tmp_path / "j")
    whole = read((tmp_path / "j").read_bytes())
    (run,) = runs_of(whole)
    assert run.lines == lines(whole)
    assert run.lines[0][0] == 0
    journal_of(8, tmp_path / "j")
    assert len(runs_of(read((tmp_path / "j").read_bytes()))) == 2


def test_parts_of_one_run_follow_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sigroute.pid1.kernel.journal_file.MOST", 1)  # a head before each step
    monkeypatch.setattr("sigroute.pid1.kernel.journal_file.JournalFile.turn", lambda _self: None)
    journal_of(7, tmp_path / "j")
    whole = read((tmp_path / "j").read_bytes())
    assert len(whole) > 5
    for before, after in pairwise(whole):
        state = difference(before)
        assert not isinstance(state, Difference)
        assert follows(before, state, after)
    state = difference(whole[1])
    assert not isinstance(state, Difference)
    assert not follows(whole[1], state, whole[4])


def test_an_engine_that_fails_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = journal_of(7, tmp_path / "j")
    (part,) = read((tmp_path / "j").read_bytes())
    failed = EngineFailed(reason="oops", during=Signal(signal=99, sender="outside"))
    part.steps.append(Step("j:99", world.now, failed, ()))
    assert not isinstance(difference(part), Difference)  # it fails once more
    part.steps[-1] = Step("j:99", world.now, failed.but(during=Tick()), ())
    assert isinstance(difference(part), Difference)
    monkeypatch.setattr("sigroute.journal.replay.step", lambda *_: 1 // 0)
    found = difference(part)
    assert isinstance(found, Difference)
    assert "ZeroDivisionError" in found.failure


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": "1"}, {"at": None}, {"at": -1}, {"at": 10**400}, {"event": 1}, {"event": {"Kill": {}}},
        {"event": {"Event": {}}}, {"effects": 1}, {"effects": [1]}, {"event": {"Spawned": {"child": 99, "pid": 1}}},
        {"event": {"Signal": {"signal": "x", "sender": "moon"}}}, {"effects": [{"Say": {"what": "nothing"}}]},
        {"effects": [{"Kill": {"child": 99, "pid": 1, "signal": 1}}]}, {"effects": [{"Exit": {"code": "x"}}]},
    ],
)  # fmt: skip
def test_a_forged_step_is_told_and_never_more(wrong: dict[str, object], tmp_path: Path) -> None:
    journal_of(3, tmp_path / "j")
    rows = (tmp_path / "j").read_bytes().splitlines(keepends=True)
    seal = seal_of(rows[0].rpartition(b', "seal"')[0], NONE)
    made = json.loads(rows[1]) | wrong
    made.pop("seal")
    data = json.dumps(made).encode()[:-1]
    try:
        whole = parts("j", [rows[0], sealed(data, seal_of(data, seal))])
        assert isinstance(difference(whole[0]), Difference)
        runs_of(whole)
    except JournalError as error:
        assert str(error).startswith("j:2: ")  # noqa: PT017 - it may be told in either way


def test_very_deep_json_is_told() -> None:
    data = b'{"journal": ' + b"[" * 200_000
    with pytest.raises(JournalError):
        parts("j", [sealed(data, seal_of(data, NONE))])
