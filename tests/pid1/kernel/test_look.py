"""A look at a path: what it finds, and the directories on the way, each of which may change that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.effects import Look
from sigroute.pid1.engine.events import Looked
from sigroute.pid1.kernel import look
from sigroute.pid1.kernel.notices import Notices
from sigroute.pid1.kernel.watches import LACKING, Watches

if TYPE_CHECKING:
    from pathlib import Path


def seen(path: Path) -> int:
    found, reason, _ = look.found(os.fsencode(path))
    assert found is not None
    assert not reason
    return found


def way(path: Path) -> list[str]:
    """Return the directories on the way, without those above the test's own."""
    return [os.fsdecode(place[0]) for place in look.found(os.fsencode(path))[2]]


def test_every_directory_in_which_a_name_is_looked_up_is_on_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "b" / "c" / "file").write_text("text")
    (tmp_path / "a" / "link").symlink_to("../b/c")
    above = [str(each) for each in reversed(tmp_path.parents)]
    own = [str(tmp_path / each) for each in ("a", "b", "b/c")]
    assert way(tmp_path / "a" / "link" / "file") == [*above, str(tmp_path), *own]
    assert way(tmp_path / "a" / "missing" / "file") == [*above, str(tmp_path), own[0]]
    assert way(tmp_path / "b" / "c" / "file" / "below") == [*above, str(tmp_path), *own[1:]]


def test_a_number_is_of_what_a_path_leads_to(tmp_path: Path) -> None:
    file, other, link = tmp_path / "file", tmp_path / "other", tmp_path / "link"
    file.write_text("text")
    other.write_text("text")
    link.symlink_to("file")
    (tmp_path / "x").mkdir()
    assert seen(file) == seen(link) == seen(tmp_path / "x" / ".." / "." / "file")
    assert seen(file) != seen(other)
    assert seen(tmp_path / "missing") == 0
    link.unlink()
    link.symlink_to("other")
    assert seen(link) == seen(other)


def test_all_in_a_directory_counts_and_nothing_below(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    numbers = [seen(tmp_path)]
    (tmp_path / "sub" / "below").write_text("text")
    assert seen(tmp_path) == numbers[0]
    for change in (
        lambda: (tmp_path / "file").write_text("text"),
        lambda: (tmp_path / "file").write_text("longer text"),
        lambda: (tmp_path / "file").chmod(0o600),
        lambda: (tmp_path / "file").rename(tmp_path / "other"),
        lambda: (tmp_path / "link").symlink_to("other"),
    ):
        change()
        numbers.append(seen(tmp_path))
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("target", ["loop", "."])
def test_a_circle_of_links_ends(tmp_path: Path, target: str) -> None:
    (tmp_path / "loop").symlink_to(target)
    found, reason, places = look.found(os.fsencode(tmp_path / "loop" / "loop" / "file"))
    assert not found
    assert places
    assert ("symbolic links" in reason) == (target == "loop")


@pytest.mark.parametrize("answer", [b"", b"{", b"\xf3\x01"])
def test_a_process_that_was_killed_has_found_nothing_out(answer: bytes) -> None:
    assert look.decoded(answer) == (None, "", [])


class Lacking(Notices):
    """A kernel without dnotify; the pipe of a look is read at once."""

    def readable(self, fd: int, owner: object) -> None:
        self.fd = fd
        self.owners[fd] = owner  # type: ignore[assignment]

    def changes(self, _fd: int, _what: int, _owner: object) -> None:
        raise OSError(22, "Invalid argument")


def test_a_kernel_without_dnotify_is_told_of(tmp_path: Path) -> None:
    notices = Lacking()
    watches = Watches(notices)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone
    assert watches.look(Look(child=0, which=0, path=os.fsencode(tmp_path), generation=1)) is None
    (pid,) = watches.pids()
    os.set_blocking(notices.fd, True)
    (answer,) = notices.owners[notices.fd](notices.fd)
    assert isinstance(answer, Looked)
    assert answer.reason == LACKING
    assert answer.seen == seen(tmp_path)
    assert not answer.again
    assert watches.pids() == []
    os.waitpid(pid, 0)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above
