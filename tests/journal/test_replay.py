"""A journal done again: the same effects, and the place of whatever is not the same."""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from sigroute.journal.read import JournalError, parts
from sigroute.journal.replay import difference, lines, runs_of
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.effects import Kill
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
        assert [difference(part) for part in whole] == [None] * len(whole)
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
        (b"GET /\n", "j:1: this line is damaged"),
        (b'{"journal": 1}\n', "j:1: this line is damaged"),
        (b"\xff\n" * 9, "j:1: this line is damaged"),
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
    found = next(each for part in whole if (each := difference(part)) is not None)
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
