"""Makes an executable of a runtime and a payload, without compiler and linker.

A runtime is an ELF file (elf(5)). One of its program headers maps the section ``.payload``, which says what a payload
has to be made for. The payload goes to the end of the file. Then this program header maps it instead, and the header of
the section names it, so that tools like strip(1) keep it. A runtime may have a payload itself: its parts are for those
who make an executable, which does not get them.

The same input gives the same bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from sigroute.payload import COMMAND, FORM, FORMAT, HEADER, NONE, PAYLOAD, Form, aligned, parts_of, payload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: By their number in the file (elf.h, ``EM_X86_64``), the machines as ``uname -m`` names them.
MACHINES = {62: "x86_64", 183: "aarch64"}

#: Where a payload may begin: at a multiple of the page (mmap(2)), and no machine's page is larger.
PAGE = 0x10000

#: 64 bits, little-endian.
IDENTITY = b"\x7fELF\x02\x01"

#: Type, machine, version, entry, offset of program and of section headers, flags, own size; size and count of each.
FILE = struct.Struct("<16x HHIQQQIH HH HH 2x")

#: A program header: type, flags, offset, address, physical address, size in the file and in memory, alignment.
SEGMENT = struct.Struct("<IIQQQQQQ")
LOAD = 1

#: A section header, in part: address, offset, size.
SECTION = struct.Struct("<16x QQQ 24x")


class NotARuntimeError(Exception):
    """A file is not what ``python -m runtime build`` makes; the message says what it is."""


class Table(NamedTuple):
    """Where the headers of one kind are."""

    begin: int
    size: int
    entries: int

    def places(self, data: bytes, least: int) -> range:
        """Return where each of them begins.

        :raises NotARuntimeError: the file ends before.
        """
        end = self.begin + self.size * self.entries
        if self.entries and (self.size < least or end > len(data)):
            message = "it is cut off or damaged"
            raise NotARuntimeError(message)
        return range(self.begin, end, max(self.size, 1))


def form_of(runtime: bytes) -> Form:
    """Return what a payload for this runtime has to be made for.

    :raises NotARuntimeError: it is no runtime, or none that a payload can be made for.
    """
    return found(runtime).form


def parts_in(runtime: bytes) -> dict[str, bytes]:
    """Return the parts that a runtime has for those who make an executable of it.

    :raises NotARuntimeError: it is no runtime, or is damaged.
    """
    place = found(runtime)
    if not place.parts:
        return {}
    parts = parts_of(runtime[place.offset :])
    if parts is None:
        message = "it is cut off or damaged"
        raise NotARuntimeError(message)
    return parts


def executable(runtime: bytes, parts: Mapping[str, bytes], magic: bytes = PAYLOAD) -> bytes:
    """Return the bytes of an executable: this runtime with these parts, by name, instead of its own.

    :param magic: ``NONE`` makes a runtime with these parts.
    :raises NotARuntimeError: it is no runtime.
    """
    place, form, begin, own = found(runtime)
    runtime = runtime[:begin] if own else runtime
    blob = payload(form, parts, magic)
    offset = aligned(len(runtime), PAGE)
    image = bytearray(runtime.ljust(offset, b"\0") + blob)
    kind, flags, _, address, physical, _, _, alignment = SEGMENT.unpack_from(image, place)
    SEGMENT.pack_into(image, place, kind, flags, offset, address, physical, len(blob), len(blob), alignment)
    for at in tables(runtime)[1].places(runtime, SECTION.size):
        if SECTION.unpack_from(runtime, at)[0] == address:
            struct.pack_into("<QQ", image, at + 24, offset, len(blob))
    return bytes(image)


class Place(NamedTuple):
    """Where the payload is, and what it is made for."""

    at: int
    """Of its program header."""
    form: Form
    offset: int
    parts: int
    """How many it has. If there are any, the payload ends the file."""


def found(runtime: bytes) -> Place:
    """Return where the payload of a runtime is.

    :raises NotARuntimeError: it is no runtime.
    """
    for place, offset in loaded(runtime):
        header = runtime[offset : offset + HEADER.size]
        if len(header) == HEADER.size and header.startswith((NONE, PAYLOAD, COMMAND)):
            return Place(place, checked(runtime, header), offset, HEADER.unpack(header)[-1])
    message = "it is another program"
    raise NotARuntimeError(message)


def checked(runtime: bytes, header: bytes) -> Form:
    """Return what a payload has to be made for, by what the runtime has in its place.

    :raises NotARuntimeError: none can be made for it.
    """
    magic, _, _, packed, _ = HEADER.unpack(header)
    form = Form(*FORM.unpack(packed))
    if magic == PAYLOAD:
        message = "it is a compiled init, which has its rules already"
    elif form.format != FORMAT:
        message = f"it is of another version of sigroute (format {form.format}, not {FORMAT})"
    elif form.machine not in MACHINES or form.machine != FILE.unpack_from(runtime)[1]:
        message = "it is damaged"
    else:
        return form
    raise NotARuntimeError(message)


def loaded(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each program header is that maps a part of the file, and where that part is.

    :raises NotARuntimeError: it is no program, or is cut.
    """
    for at in tables(data)[0].places(data, SEGMENT.size):
        header = SEGMENT.unpack_from(data, at)
        if header[0] == LOAD:
            yield at, header[2]


def tables(data: bytes) -> tuple[Table, Table]:
    """Return where the program headers are, and the section headers, of which there may be none.

    :raises NotARuntimeError: it is no program of 64 bits.
    """
    if len(data) < FILE.size or not data.startswith(IDENTITY):
        message = "it is no Linux program of 64 bits"
        raise NotARuntimeError(message)
    _, _, _, _, programs, sections, _, _, size, count, section_size, section_count = FILE.unpack_from(data)
    return Table(programs, size, count), Table(sections, section_size, section_count)
