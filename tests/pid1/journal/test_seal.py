"""Any change of a byte, and any line that is missing, changes the seal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.journal.seal import NONE, PRIME, seal_of, sealed


@given(st.binary(min_size=1, max_size=3_000), st.data())
def test_another_byte_is_another_seal(data: bytes, choose: st.DataObject) -> None:
    place = choose.draw(st.integers(0, len(data) - 1))
    byte = choose.draw(st.integers(0, 255).filter(lambda each: each != data[place]))
    other = data[:place] + bytes([byte]) + data[place + 1 :]
    assert seal_of(data, NONE) != seal_of(other, NONE)


@given(st.binary(max_size=99), st.integers(0, PRIME - 1), st.integers(0, PRIME - 1))
def test_the_seal_before_counts(data: bytes, one: int, other: int) -> None:
    assert (seal_of(data, one) == seal_of(data, other)) == (one == other)


def test_a_line_is_json() -> None:
    assert sealed(b'{"at": 1', 255) == b'{"at": 1, "seal": "00000000000000ff"}\n'
