from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.language.read.durations import LONGEST, format_duration, parse_duration
from sigroute.language.read.problems import Mistake


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("250ms", 250),
        ("5s", 5_000),
        ("1m30s", 90_000),
        ("2h", 7_200_000),
        ("0s", 0),
        ("0ms", 0),
        ("1h1m1s1ms", 3_661_001),
        ("90s", 90_000),
        ("05s", 5_000),
        ("8760h", LONGEST),
    ],
)
def test_what_it_means(text: str, milliseconds: int) -> None:
    assert parse_duration(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("", 'write a number and its unit, as in "5s"'),
        ("30", "write 30s or 30ms"),
        ("1.5s", "write 1s500ms"),
        ("0,25s", "write 250ms"),
        ("5sec", "write 5s"),
        ("2 minutes", "write 2m"),
        ("1d", "write 24h"),
        ("5S", "units are in lower case: 5s"),
        ("1m 30s", "write it without a space: 1m30s"),
        ("-5s", "no wait is shorter than 0s"),
        ("8761h", "at most 8760h"),
        ("9" * 50 + "s", "at most 8760h"),
        ("00:25", 'write a number and its unit, as in "25s"'),
    ],
)
def test_what_it_says_of_others(text: str, hint: str) -> None:
    with pytest.raises(Mistake) as raised:
        parse_duration(text)
    assert raised.value.hint == hint


@given(st.integers(0, LONGEST))
def test_spelt_and_parsed_it_is_the_same(milliseconds: int) -> None:
    assert parse_duration(format_duration(milliseconds)) == milliseconds


@given(st.text(max_size=60) | st.text("0123456789hms. :-", max_size=60))
def test_any_text_is_a_duration_or_a_mistake(text: str) -> None:
    try:
        assert 0 <= parse_duration(text) <= LONGEST
    except Mistake as mistake:
        said = (mistake.message, mistake.hint)
        assert all(said)
