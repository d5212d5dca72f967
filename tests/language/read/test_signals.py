from __future__ import annotations

import signal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.language.read.problems import Mistake
from sigroute.language.read.signals import STOP_SIGNALS, is_musl, parse_key, parse_sendable, parse_signal
from sigroute.pid1.names import RTMAX, STANDARD, name_of

CLASSES = {"stop": frozenset(STOP_SIGNALS), "reload": frozenset([1])}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TERM", 15),
        ("SIGTERM", 15),
        ("15", 15),
        ("RTMIN", 34),
        ("RTMIN+3", 37),
        ("SIGRTMIN+3", 37),
        ("RTMIN+30", 64),
        ("RTMAX", 64),
        ("RTMAX-1", 63),
        ("64", 64),
        ("CLD", 17),
        ("POLL", 29),
        ("IOT", 6),
    ],
)
def test_names(text: str, number: int) -> None:
    assert parse_signal(text) == number


@pytest.mark.parametrize("number", [number for number in range(1, RTMAX + 1) if number not in (32, 33)])
def test_every_signal_by_its_own_name(number: int) -> None:
    assert parse_signal(name_of(number)) == parse_signal(f"SIG{name_of(number)}") == parse_signal(str(number)) == number


def test_the_numbers_are_the_kernels() -> None:
    for name, number in STANDARD.items():
        assert getattr(signal, f"SIG{name}", number) == number


@pytest.mark.parametrize(
    "text",
    ["", "term", "SIG", "0", "65", "015", "-15", "+15", "²", "TERM\0", "RTMIN+31", "RTMIN-1", "RTMAX+1", "RTMIN+"],
)
def test_others_are_mistakes(text: str) -> None:
    with pytest.raises(Mistake) as raised:
        parse_signal(text)
    assert raised.value.hint


def test_what_can_be_sent() -> None:
    assert parse_sendable("KILL") == 9
    assert parse_sendable("STOP") == 19
    for text in ("32", "33"):
        with pytest.raises(Mistake):
            parse_sendable(text)


def test_keys() -> None:
    assert parse_key("TERM", CLASSES).signals == {15}
    key = parse_key("WINCH@tty", CLASSES)
    assert (key.signals, key.sender, key.is_class) == (frozenset([28]), "tty", False)
    key = parse_key("stop@outside", CLASSES)
    assert (key.signals, key.sender, key.is_class) == (frozenset(STOP_SIGNALS), "outside", True)


@pytest.mark.parametrize(
    ("text", "start", "length"),
    [("QIUT@tty", 0, 4), ("QUIT@tt", 5, None), ("KILL@tty", 0, 4), ("reloda", 0, 6), ("TERM@tty@tty", 5, None)],
)
def test_where_in_a_key_the_mistake_is(text: str, start: int, length: int | None) -> None:
    with pytest.raises(Mistake) as raised:
        parse_key(text, CLASSES)
    assert (raised.value.start, raised.value.length) == (start, length)


@given(st.text(max_size=20))
def test_any_text_is_a_key_or_a_mistake(text: str) -> None:
    try:
        assert parse_key(text, CLASSES).signals
    except Mistake as mistake:
        said = (mistake.message, mistake.hint)
        assert all(said)


def test_which_libc_this_is() -> None:
    assert is_musl() == (int(signal.SIGRTMIN) == 35)
