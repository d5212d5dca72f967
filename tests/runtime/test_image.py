"""The executable that the linker makes: how it is mapped, and that nothing of the building machine is in it."""

from __future__ import annotations

import gzip
import platform
import struct
from typing import TYPE_CHECKING, NamedTuple

import pytest

from runtime.build import build
from runtime.flags import PAYLOAD
from runtime.machines import MACHINES
from runtime.needs import find
from sigroute.executable import FILE, SEGMENT, executable, form_of, tables
from sigroute.payload import NONE
from tests.runtime.built import built

if TYPE_CHECKING:
    from pathlib import Path

EXECUTABLE = 2  # ET_EXEC: at a fixed address
LOAD, DYNAMIC, INTERPRETER, STACK, RELRO = 1, 2, 3, 0x6474E551, 0x6474E552
RUNS, WRITES, READS = 1, 2, 4


class Segment(NamedTuple):
    kind: int
    flags: int
    offset: int
    address: int
    physical: int
    size: int
    memory: int
    alignment: int


@pytest.fixture(scope="module", name="image", params=MACHINES)
def _image(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The linked program, without the parts for those who make an init of it."""
    return executable(built(tmp_path_factory, request.param).read_bytes(), {}, NONE)


def segments(image: bytes) -> list[Segment]:
    return [Segment(*SEGMENT.unpack_from(image, at)) for at in tables(image)[0].places(image, SEGMENT.size)]


def of_kind(image: bytes, kind: int) -> list[Segment]:
    return [each for each in segments(image) if each.kind == kind]


def test_it_needs_nothing_and_is_never_moved(image: bytes) -> None:
    assert FILE.unpack_from(image)[0] == EXECUTABLE
    assert not of_kind(image, DYNAMIC)
    assert not of_kind(image, INTERPRETER)


def test_the_payload_is_mapped_last_highest_and_read_only(image: bytes) -> None:
    *others, last = of_kind(image, LOAD)
    assert (last.address, last.flags) == (PAYLOAD, READS)
    assert max(each.address + each.memory for each in others) <= PAYLOAD


def test_no_memory_is_both_written_and_run(image: bytes) -> None:
    assert not [each for each in segments(image) if each.flags & WRITES and each.flags & RUNS]
    assert len(of_kind(image, STACK)) == len(of_kind(image, RELRO)) == 1


def test_it_is_small(image: bytes) -> None:
    assert len(image) < 5.5e6
    assert len(gzip.compress(image)) < 2.2e6


def test_it_says_what_its_python_runs(image: bytes) -> None:
    form = form_of(image)
    assert form.python >> 16 == 0x030B
    assert form.magic[2:] == b"\r\n"
    assert struct.unpack("<H", form.magic[:2])[0] == 3495  # of all CPython 3.11 (Lib/importlib/_bootstrap_external.py)


def test_the_same_sources_give_the_same_bytes(runtime: Path) -> None:
    assert build(find(MACHINES[platform.machine()])) == runtime.read_bytes()


def test_no_path_of_the_build_is_in_it(image: bytes) -> None:
    assert b"sigroute-runtime-" not in image
    assert b"runtime/src" not in image


@pytest.mark.parametrize("name", ["/etc/group", "/etc/passwd", "/proc/self/exe", "nsswitch.conf", "utmp"])
def test_it_cannot_even_name_what_it_must_not_read(image: bytes, name: str) -> None:
    assert name.encode() not in image
