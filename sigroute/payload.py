"""The payload of a compiled init: named parts, with a hash over every byte.

The init itself reads it: runtime/src/payload.h says what it looks like, and must say the same as this file. A runtime
has one too, with parts for the inits that are made of it; whoever runs it is told that it has no rules. The static
sigroute has the same parts, and more (runtime/standalone/).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FORMAT = 1

#: How the payload of an init begins, that of a runtime, and that of the static sigroute.
PAYLOAD, NONE, COMMAND = b"sigroute payload", b"sigroute runtime", b"sigroute command"

#: Magic, hash, size of all; the form; how many parts.
HEADER = struct.Struct("<16sQQ12sI")
#: What the hash is of begins after the size.
HASHED = 32

#: Format, machine, magic of the bytecode, version of Python.
FORM = struct.Struct("<HH4sI")

#: Of a part: name, offset, size.
PART = struct.Struct("<16sQQ")
LONGEST_NAME = 15

PART_ALIGNMENT, ALIGNMENT = 16, 32

MULTIPLIER, WORD = 0x9E3779B185EBCA87, 0xFFFF_FFFF_FFFF_FFFF


@dataclass(frozen=True)
class Form:
    """What a payload has to be made for."""

    format: int
    machine: int
    """As elf.h has it (``EM_X86_64``)."""
    magic: bytes
    """Of the bytecode that its Python runs (``importlib.util.MAGIC_NUMBER``)."""
    python: int
    """The version of its Python (``sys.hexversion``)."""


#: Of a payload that is handed over within a process or a file: nobody checks it.
NO_FORM = Form(0, 0, b"", 0)


def payload(form: Form, parts: Mapping[str, bytes], magic: bytes = PAYLOAD) -> bytes:
    """Return the payload that has these parts.

    :param parts: by name, which has at most 15 bytes.
    :param magic: ``PAYLOAD`` or ``NONE``.
    """
    offset = HEADER.size + PART.size * len(parts)
    table, data = [], []
    for name, part in parts.items():
        word = name.encode("ascii")
        if not 0 < len(word) <= LONGEST_NAME:
            message = f"a part's name has 1 to {LONGEST_NAME} bytes: {name!r}"
            raise ValueError(message)
        table.append(PART.pack(word, offset, len(part)))
        data.append(part.ljust(aligned(len(part), PART_ALIGNMENT), b"\0"))
        offset += len(data[-1])
    size = aligned(offset + 1, ALIGNMENT)
    packed = FORM.pack(form.format, form.machine, form.magic, form.python)
    head = HEADER.pack(magic, 0, size, packed, len(parts))
    blob = b"".join([head, *table, *data]).ljust(size, b"\xff")
    return HEADER.pack(magic, digest(size, blob[HASHED:]), size, packed, len(parts)) + blob[HEADER.size :]


def parts_of(blob: bytes) -> dict[str, bytes] | None:
    """Return the parts of a payload; None if it is not whole."""
    _, seal, size, _, count = HEADER.unpack_from(blob)
    if size % ALIGNMENT or size > len(blob) or seal != digest(size, blob[HASHED:size]):
        return None
    table = [PART.unpack_from(blob, HEADER.size + PART.size * each) for each in range(count)]
    return {word.rstrip(b"\0").decode("ascii"): blob[begin : begin + length] for word, begin, length in table}


def aligned(size: int, alignment: int) -> int:
    """Return the next multiple."""
    return -(-size // alignment) * alignment


def digest(size: int, data: bytes) -> int:
    """Return the hash of these bytes, a multiple of 32: four lanes, each of every fourth word."""
    words = struct.unpack(f"<{len(data) // 8}Q", data)
    found = 0
    for lane in range(4):
        found = mixed(found, [mixed(size + lane, words[lane::4])])
    return found


def mixed(state: int, words: Iterable[int]) -> int:
    """Return the state after these words."""
    for word in words:
        state = (state ^ word) * MULTIPLIER & WORD
        state ^= state >> 32
    return state
