"""Messages of sd_notify(3), as they come and as nobody should send them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.kernel.sd_notify import LONGEST, MOST, parse

NOTHING = False, False, 0


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"READY=1", (True, False, 0)),
        (b"READY=1\n", (True, False, 0)),
        (b"STATUS=up\nREADY=1\nMAINPID=7\n", (True, False, 0)),
        (b"STOPPING=1\nSTATUS=bye", (False, True, 0)),
        (b"READY=1\nSTOPPING=1", (True, True, 0)),
        (b"EXTEND_TIMEOUT_USEC=5000000", (False, False, 5_000)),
        (b"EXTEND_TIMEOUT_USEC=1", (False, False, 1)),
        (b"EXTEND_TIMEOUT_USEC=18446744073709551615", (False, False, LONGEST)),
        (b"BARRIER=1", NOTHING),
        (b"RELOADING=1", NOTHING),
        (b"WATCHDOG=1\nFDSTORE=1", NOTHING),
        (b"", NOTHING),
        (b"READY=0", NOTHING),
        (b"READY=10", NOTHING),
        (b"READY= 1", NOTHING),
        (b"ready=1", NOTHING),
        (b"STATUS=READY=1", NOTHING),
        (b"READY=1\0", NOTHING),
        (b"EXTEND_TIMEOUT_USEC=", NOTHING),
        (b"EXTEND_TIMEOUT_USEC=-1", NOTHING),
        (b"EXTEND_TIMEOUT_USEC=1s", NOTHING),
        (b"EXTEND_TIMEOUT_USEC=" + b"9" * 21, NOTHING),
        (b"READY=1\n" + b"A" * MOST, NOTHING),
    ],
)
def test_what_a_message_says(message: bytes, said: tuple[bool, bool, int]) -> None:
    assert parse(message) == said


@given(st.binary(max_size=5_000))
def test_no_message_breaks_it(message: bytes) -> None:
    ready, stopping, extend = parse(message)
    assert 0 <= extend <= LONGEST
    if len(message) > MOST or b"\0" in message:
        assert (ready, stopping, extend) == NOTHING


lines = st.lists(st.binary(max_size=50).filter(lambda line: not set(line) & set(b"\n\0")))


@given(lines, lines, st.sets(st.sampled_from([b"READY=1", b"STOPPING=1"])), st.none() | st.integers(0, 2**64 - 1))
def test_other_lines_change_nothing(
    before: list[bytes], after: list[bytes], words: set[bytes], asked: int | None
) -> None:
    ours = sorted(words)
    ours += [] if asked is None else [b"EXTEND_TIMEOUT_USEC=%d" % asked]
    others = [line for line in (*before, *after) if b"EXTEND_TIMEOUT_USEC" not in line]
    message = b"\n".join([*others[: len(before)], *ours, *others[len(before) :]])
    if len(message) > MOST:
        return
    milliseconds = 0 if asked is None else min((asked + 999) // 1000, LONGEST)
    said = {*words, *others}
    assert parse(message) == (b"READY=1" in said, b"STOPPING=1" in said, milliseconds)
