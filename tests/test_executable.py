"""A runtime becomes an executable with a payload: an ELF file is rewritten, or refused with what it is."""

from __future__ import annotations

import struct

import pytest

from sigroute.executable import FILE, PAGE, SECTION, SEGMENT, NotARuntimeError, executable, form_of, parts_in
from sigroute.payload import FORM, FORMAT, HEADER, NONE, Form, payload

MAGIC, PYTHON = b"\xa7\r\r\n", 0x030B02F0
TEXT, ADDRESS = 0x400000, 0x1000_0000
PARTS = {"plan": b"\1\2\3", "table": bytes(100_000)}


def runtime(
    machine: int = 62, made_for: int | None = None, version: int = FORMAT, sections: int = 2, magic: bytes = MAGIC
) -> bytes:
    """A small file of the same kind: two program headers, what they map, two section headers."""
    own = HEADER.pack(NONE, 0, HEADER.size, FORM.pack(version, made_for or machine, magic, PYTHON), 0)
    text, begin = 0xB0, 0x1000
    end = begin + HEADER.size
    file = bytearray(FILE.pack(2, machine, 1, TEXT, 64, end if sections else 0, 0, 64, 56, 2, 64, sections))
    file[:6] = b"\x7fELF\x02\x01"
    file += SEGMENT.pack(1, 5, 0, TEXT, TEXT, begin, begin, 0x1000)
    file += SEGMENT.pack(1, 4, begin, ADDRESS, ADDRESS, HEADER.size, HEADER.size, PAGE)
    assert len(file) == text
    headers = bytes(SECTION.size) + struct.pack("<IIQQQQ24x", 1, 1, 2, ADDRESS, begin, HEADER.size)
    return bytes(file).ljust(begin, b"\x90") + own + headers[: sections * SECTION.size]


@pytest.mark.parametrize("machine", [62, 183])
def test_the_payload_is_mapped_where_the_runtime_looks(machine: int) -> None:
    made = executable(runtime(machine), PARTS)
    blob = payload(Form(FORMAT, machine, MAGIC, PYTHON), PARTS)
    assert made[PAGE:] == blob
    assert SEGMENT.unpack_from(made, 64 + 56) == (1, 4, PAGE, ADDRESS, ADDRESS, len(blob), len(blob), PAGE)


def test_its_section_shows_it_too() -> None:
    made = executable(runtime(), PARTS)
    assert SECTION.unpack_from(made, 0x1000 + HEADER.size + SECTION.size) == (ADDRESS, PAGE, len(made) - PAGE)


def test_nothing_else_changes() -> None:
    before, made = runtime(), executable(runtime(), PARTS)
    changed = {at for at in range(len(before)) if before[at] != made[at]}
    segment, section = 64 + 56, 0x1000 + HEADER.size + SECTION.size
    assert changed <= {*range(segment + 8, segment + 16), *range(segment + 32, segment + 48)} | {
        *range(section + 24, section + 40)
    }
    assert not any(made[len(before) : PAGE])


def test_a_file_without_section_headers_will_do() -> None:
    assert executable(runtime(sections=0), PARTS)[PAGE:] == executable(runtime(), PARTS)[PAGE:]


def test_the_same_input_gives_the_same_bytes() -> None:
    assert executable(runtime(), PARTS) == executable(runtime(), dict(PARTS))


def test_a_runtime_with_parts_makes_the_same_executable_as_one_without() -> None:
    own = {"engine": b"for another", "rules": bytes(200_000)}
    full = executable(runtime(), own, NONE)
    assert (parts_in(runtime()), parts_in(full)) == ({}, own)
    assert form_of(full) == form_of(runtime())
    assert executable(full, PARTS) == executable(runtime(), PARTS)


def test_parts_of_a_damaged_runtime_are_not_used() -> None:
    full = executable(runtime(), PARTS, NONE)
    for data in (full[:-1], full[:-32], full[:-40] + b"\1" + full[-39:]):
        with pytest.raises(NotARuntimeError, match="cut off or damaged"):
            parts_in(data)


def test_it_says_what_a_payload_is_to_be_made_for() -> None:
    assert form_of(runtime(183)) == Form(FORMAT, 183, MAGIC, PYTHON)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "it is no Linux program of 64 bits"),
        (b"#!/bin/sh\n" + bytes(1000), "it is no Linux program of 64 bits"),
        (b"\x7fELF\x01\x01" + bytes(1000), "it is no Linux program of 64 bits"),
        (runtime()[:100], "it is cut off or damaged"),
        (runtime()[:-1], "it is cut off or damaged"),
        (runtime(sections=0)[:-1], "it is another program"),
        (runtime().replace(NONE, b"something else.."), "it is another program"),
        (runtime(made_for=183), "it is damaged"),
        (runtime(machine=3), "it is damaged"),
        (runtime(version=9), "it is of another version of sigroute (format 9, not 1)"),
        (executable(runtime(), PARTS), "it is a compiled init, which has its rules already"),
    ],
    ids=["empty", "script", "32 bits", "headers", "sections", "payload", "other", "mixed", "machine", "format", "init"],
)
def test_another_file_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(NotARuntimeError) as error:
        executable(data, PARTS)
    assert str(error.value) == why
