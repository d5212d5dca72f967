"""The payload of a compiled init: what it looks like, and that its hash is of every byte."""

from __future__ import annotations

import random
import time

import pytest

from sigroute.payload import FORMAT, HASHED, HEADER, PART, Form, digest, parts_of, payload

FORM = Form(FORMAT, 62, b"\xa7\r\r\n", 0x030B02F0)
PARTS = {"plan": bytes(range(100)), "nothing": b"", "name-of-15-byte": b"\0"}


def read(blob: bytes) -> dict[str, bytes]:
    magic, _, size, _, count = HEADER.unpack_from(blob)
    assert (magic, size) == (b"sigroute payload", len(blob))
    parts = {}
    for at in range(count):
        name, offset, length = PART.unpack_from(blob, HEADER.size + at * PART.size)
        assert offset % 16 == 0
        parts[name.rstrip(b"\0").decode()] = blob[offset : offset + length]
    return parts


def test_the_parts_are_there_under_their_names() -> None:
    blob = payload(FORM, PARTS)
    assert read(blob) == parts_of(blob) == PARTS
    assert len(blob) % 32 == 0


@pytest.mark.parametrize("size", range(33))
def test_the_end_is_never_like_the_zeros_of_a_cut_page(size: int) -> None:
    assert payload(FORM, {"part": bytes(size)})[-1] == 0xFF


def test_every_changed_byte_changes_the_hash() -> None:
    data = bytearray(random.Random(14).randbytes(320))
    hashes = {digest(352, bytes(data))}
    for at in range(len(data)):
        for bit in range(8):
            data[at] ^= 1 << bit
            hashes.add(digest(352, bytes(data)))
            data[at] ^= 1 << bit
    assert len(hashes) == 1 + 8 * len(data)
    assert digest(384, bytes(data)) not in hashes


def test_the_hash_is_stored_and_of_all_that_follows_it() -> None:
    blob = payload(FORM, PARTS)
    assert HEADER.unpack_from(blob)[1] == digest(len(blob), blob[HASHED:])


def test_the_hash_of_a_megabyte_takes_no_time_to_speak_of() -> None:
    data = bytes(1 << 20)
    begun = time.process_time()
    digest(len(data), data)
    assert time.process_time() - begun < 2  # 0.05 s, on a machine that has nothing else to do


@pytest.mark.parametrize("name", ["", "name-of-16-bytes"])
def test_a_name_that_does_not_fit_is_an_error(name: str) -> None:
    with pytest.raises(ValueError, match="1 to 15 bytes"):
        payload(FORM, {name: b""})
