"""The runtime and its payload: it runs as it was compiled, or not at all."""

from __future__ import annotations

import os
import random
import subprocess
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from sigroute.executable import PAGE, form_of
from sigroute.payload import HEADER, PART, payload
from tests.runtime.images import PARTS, Init

if TYPE_CHECKING:
    from pathlib import Path

BROKEN = "it is not as it was compiled (cut off, edited, converted?); copy it or compile it once more"

#: How many bytes are changed, and how many lengths are tried, beyond those that are always. An emulator takes its time.
SAMPLE, EMULATED = 300, 20


def assert_runs(init: Init, mark: Path) -> None:
    assert init.run("/usr/bin/touch", mark).returncode == 0
    assert mark.exists()
    mark.unlink()


def assert_refused(init: Init, mark: Path, why: str = BROKEN) -> None:
    done = init.run("/usr/bin/touch", mark)
    assert (done.returncode, done.stdout) == (126, ""), done
    assert done.stderr == f"{init.path}: cannot run: {why}\n"
    assert not mark.exists()


def payload_of(init: Init) -> tuple[int, bytes]:
    """Return where the payload begins in the file, and its bytes."""
    data = init.path.read_bytes()
    begin = data.rindex(b"sigroute payload")
    assert begin % PAGE == 0
    return begin, data[begin:]


def places(size: int, sample: int) -> list[int]:
    """Every byte of header and table, the last, and some of the others."""
    chance = random.Random(14)
    return [*range(HEADER.size + PARTS * PART.size), size - 1, *chance.sample(range(size), sample)]


def patch(path: Path, at: int, byte: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(bytes([byte]))


def test_it_runs(any_init: Init, tmp_path: Path) -> None:
    assert_runs(any_init, tmp_path / "mark")


def test_strip_leaves_the_payload(init: Init, tmp_path: Path) -> None:
    path = tmp_path / "stripped"
    subprocess.run(["strip", "-o", path, init.path], check=True)
    assert_runs(init.at(path), tmp_path / "mark")


def test_a_runtime_says_what_makes_an_init_of_it(runtime: Path, tmp_path: Path) -> None:
    assert_refused(
        Init(runtime), tmp_path / "mark", "it is a runtime without rules; sigroute compile makes an init of it"
    )


def test_a_refusal_waits_for_nobody_to_read_it(runtime: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, bytes(4096))
    os.set_blocking(writer, True)
    assert subprocess.run([runtime], stderr=writer, check=False, timeout=20).returncode == 126
    for each in (reader, writer):
        os.close(each)


def test_any_byte_that_has_changed_stops_it(any_init: Init, tmp_path: Path) -> None:
    begin, data = payload_of(any_init)
    changed, chance = any_init.copy(tmp_path / "changed"), random.Random(14)
    for at in places(len(data), SAMPLE if any_init.native else EMULATED):
        patch(changed.path, begin + at, data[at] ^ chance.randrange(1, 256))
        assert_refused(changed, tmp_path / "mark")
        patch(changed.path, begin + at, data[at])
    assert_runs(changed, tmp_path / "mark")


def test_any_length_it_is_cut_to_stops_it(init: Init, tmp_path: Path) -> None:
    begin, data = payload_of(init)
    cut = init.copy(tmp_path / "cut")
    for at in sorted(places(len(data), SAMPLE), reverse=True):
        with cut.path.open("r+b") as file:
            file.truncate(begin + at)
        assert_refused(cut, tmp_path / "mark")


def test_more_than_it_was_does_not_matter(init: Init, tmp_path: Path) -> None:
    """What follows is not mapped: a signature, say."""
    longer = init.copy(tmp_path / "longer")
    with longer.path.open("ab") as file:
        file.write(bytes(100_000))
    assert_runs(longer, tmp_path / "mark")


def test_what_was_made_for_another_python_is_refused(runtime: Path, init: Init, tmp_path: Path) -> None:
    other = init.copy(tmp_path / "other")
    begin, data = payload_of(init)
    form = replace(form_of(runtime.read_bytes()), magic=b"\xa6\r\r\n")
    with other.path.open("r+b") as file:
        file.seek(begin)
        file.write(payload(form, {"one": bytes(len(data) - len(payload(form, {"one": b""})))}))
    assert_refused(other, tmp_path / "mark")
