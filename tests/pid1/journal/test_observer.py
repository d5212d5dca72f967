"""The journal's file: it is bounded, it never holds anybody up, and trouble with it is told once."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.journal.read import parts
from sigroute.journal.replay import Difference, difference
from sigroute.pid1.engine import events as ev
from sigroute.pid1.engine.effects import Exit
from sigroute.pid1.journal import observer
from sigroute.pid1.kernel import journal_file
from sigroute.pid1.plan import World
from tests.journal.written import observed
from tests.pid1.scene import Scene
from tests.real.require import need

if TYPE_CHECKING:
    from sigroute.journal.read import Part

RULES = '[on]\nUSR1 = "drop"\n'


class Told:
    """A log that keeps its lines."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def tell(self, line: tuple[str, str, dict[str, str | int]]) -> None:
        self.lines.append(f"{line[1]}: {line[2]['text']}")


class Run:
    """One child that drops USR1, and a journal."""

    def __init__(self, path: Path) -> None:
        self.told = Told()
        self.scene = Scene(RULES)
        self.journal = observed(self.scene, path, self.told)  # type: ignore[arg-type] # it tells lines, too

    def happen(self, times: int, milliseconds: int = 1) -> None:
        for _ in range(times):
            self.scene.now += milliseconds
            self.scene.feed(ev.Signal(signal=10, sender="outside"))


def read(path: Path) -> list[Part]:
    with path.open("rb") as file:
        return parts(path.name, file)


def test_only_its_owner_may_read_it_and_there_are_no_secrets(tmp_path: Path) -> None:
    path = tmp_path / "j"
    run = Run(path)
    world = World(env={b"DB_PASSWORD": b"hunter2"}, env_files=(b"/secrets",), umask=7)
    plan = run.scene.plan
    plan = plan.but(children=tuple(child.but(world=world) for child in plan.children))
    run.journal.plan = observer.without_secrets(plan)
    run.happen(3)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"hunter2" not in path.read_bytes()
    assert b"/secrets" not in path.read_bytes()
    assert read(path)[0].plan.children[0].world == World(umask=7)


def test_it_is_appended_to(tmp_path: Path) -> None:
    for number in range(2):
        run = Run(tmp_path / "j")
        run.journal.run = number
        run.happen(5)
        os.close(run.journal.file.fd)
    assert [(len(part.steps), part.gap) for part in read(tmp_path / "j")] == [(5, False), (5, False)]


def test_only_one_may_write_to_it(tmp_path: Path) -> None:
    first, second = Run(tmp_path / "j"), Run(tmp_path / "j")
    first.happen(3)
    second.happen(3)
    assert second.told.lines == [f"no-journal: {tmp_path}/j: another sigroute writes to it"]
    assert len(read(tmp_path / "j")[0].steps) == 3


@pytest.mark.parametrize("kind", ["link", "hard link", "foreign"])
def test_the_files_of_others_are_left_alone(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "target"
    target.write_text("mine\n")
    if kind == "link":
        (tmp_path / "j").symlink_to(target)
    elif kind == "hard link":
        os.link(target, tmp_path / "j")
    else:
        need(os.geteuid() == 0, "root")
        target.rename(tmp_path / "j")
        os.chown(tmp_path / "j", 65534, 65534)
        target = tmp_path / "j"
    run = Run(tmp_path / "j")
    run.happen(5)
    assert target.read_text() == "mine\n"
    assert len(run.told.lines) == 1


def test_a_file_that_was_moved_away_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "MOST", 20_000)
    run = Run(tmp_path / "j")
    run.happen(3)
    (tmp_path / "j").rename(tmp_path / "moved")
    run.happen(300)
    assert (tmp_path / "moved").stat().st_size > 20_000
    assert (tmp_path / "j").exists()


def test_the_next_run_is_readable_after_a_line_that_was_cut(tmp_path: Path) -> None:
    run = Run(tmp_path / "j")
    run.happen(5)
    os.close(run.journal.file.fd)
    data = (tmp_path / "j").read_bytes()
    (tmp_path / "j").write_bytes(data[:-30])
    again = Run(tmp_path / "j")
    again.journal.run += 1
    again.happen(5)
    assert [(len(part.steps), part.gap) for part in read(tmp_path / "j")] == [(4, False), (5, True)]


def test_an_error_of_its_own_is_a_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path / "j")
    run.happen(3)
    with monkeypatch.context() as patched:
        patched.setattr(observer, "as_json", lambda _value: 1 // 0)
        with pytest.raises(ZeroDivisionError):  # the loop does without this observer for once
            run.happen(1)
    run.happen(3)
    whole = read(tmp_path / "j")
    assert [(len(part.steps), part.gap) for part in whole] == [(3, False), (3, True)]


def test_the_end_is_written_even_soon_after_trouble(tmp_path: Path) -> None:
    run = Run(tmp_path / "no" / "j")
    run.happen(3)
    (tmp_path / "no").mkdir()
    event, state = ev.Tick(), run.scene.state
    run.journal.observe(run.scene.now, state, event, [Exit(code=0)], state)
    assert len(read(tmp_path / "no" / "j")[0].steps) == 1


def test_its_size_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "MOST", 20_000)
    run = Run(tmp_path / "j")
    run.happen(500)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["j", "j.1"]
    assert all(path.stat().st_size < 21_000 for path in tmp_path.iterdir())
    for name in ("j.1", "j"):
        (part,) = read(tmp_path / name)
        assert not part.gap
        assert not isinstance(difference(part), Difference)
    assert run.told.lines == []


def test_an_old_file_that_cannot_be_kept_is_emptied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_file, "MOST", 20_000)
    (tmp_path / "j.1").mkdir()
    (tmp_path / "j.1" / "x").touch()
    Run(tmp_path / "j").happen(500)
    assert (tmp_path / "j").stat().st_size < 21_000
    read(tmp_path / "j")


def test_a_full_disk_is_told_once_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(tmp_path / "j")
    run.happen(3)
    real, tries = os.write, [0]

    def full(fd: int, data: bytes) -> int:
        tries[0] += 1
        if len(data) < 10 or tries[0] > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data[:10])

    with monkeypatch.context() as patched:
        patched.setattr("sigroute.pid1.kernel.journal_file.posix.write", full)
        run.happen(2_000)
    assert tries[0] <= 3  # once a second
    assert run.told.lines == [f"no-journal: {tmp_path}/j: only a part of a line could be written"]
    run.happen(1, 2_000)
    run.happen(4)
    whole = read(tmp_path / "j")
    assert [(len(part.steps), part.gap) for part in whole] == [(3, False), (5, True)]
    assert not any(isinstance(difference(part), Difference) for part in whole)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/dev/full", "no space left on device"),
        ("/nowhere/j", "no such file or directory"),
        ("/dev", "is a directory"),
    ],
)
def test_what_can_not_be_written(path: str, why: str) -> None:
    run = Run(Path(path))
    run.happen(50)
    assert len(run.told.lines) == 1
    assert run.told.lines[0].lower().startswith("no-journal: ")
    assert why in run.told.lines[0].lower()


def test_a_fifo_that_nobody_reads(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "j")
    run = Run(tmp_path / "j")
    run.happen(50)
    assert run.told.lines == [f"no-journal: {tmp_path}/j: No such device or address"]


def test_a_fifo_whose_reader_is_slow(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "j")
    reader = os.open(tmp_path / "j", os.O_RDONLY | os.O_NONBLOCK)
    run = Run(tmp_path / "j")
    run.happen(3_000)
    got = os.read(reader, 1 << 20)
    run.happen(1, 2_000)
    run.happen(4)
    got += os.read(reader, 1 << 20)
    os.close(reader)
    whole = parts("j", got.splitlines(keepends=True))
    assert [part.gap for part in whole] == [False, True]
    assert len(whole[1].steps) == 5
    assert len(run.told.lines) == 1
