from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.language.read.action_text import format_steps, parse_text
from sigroute.pid1.names import RTMAX
from sigroute.pid1.plan import FORWARD, Step

if TYPE_CHECKING:
    from sigroute.language.read.problems import Mistake


def steps(text: str) -> tuple[tuple[int, int], ...]:
    mistakes: list[Mistake] = []
    result = parse_text(text, (), mistakes)
    assert not mistakes
    assert isinstance(result, tuple)
    return tuple((step.wait, step.signal) for step in result)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("QUIT", ((0, 3),)),
        ("forward", ((0, FORWARD),)),
        ("5s forward", ((5_000, FORWARD),)),
        ("5s QUIT", ((5_000, 3),)),
        ("TERM 30s INT 60s QUIT", ((0, 15), (30_000, 2), (60_000, 3))),
        ("TERM CONT", ((0, 15), (0, 18))),
        ("0s QUIT", ((0, 3),)),
        ("  TERM\t1m30s\nKILL ", ((0, 15), (90_000, 9))),
        ("15", ((0, 15),)),
        ("SIGRTMIN+3", ((0, 37),)),
    ],
)
def test_what_it_means(text: str, expected: tuple[tuple[int, int], ...]) -> None:
    assert steps(text) == expected


def test_words_that_stand_alone() -> None:
    for word in ("drop", "hold", "ignore", "next", "repeat"):
        mistakes: list[Mistake] = []
        assert parse_text(word, (word,), mistakes) == word
        assert not mistakes
        parse_text(word, (), mistakes)
        assert len(mistakes) == 1
        assert (mistakes[0].start, mistakes[0].length) == (0, len(word))


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", [(0, None)]),
        ("5s QIUT 10s TERM", [(3, 4)]),
        ("TERM 30s", [(5, 3)]),
        ("1s 2s TERM", [(3, 2)]),
        ("TERM 30 KILL", [(5, 2)]),
        ("TERM 30 s KILL", [(5, 4)]),
        ("30 s", [(0, 4)]),
        ("5s drop", [(3, 4)]),
        ("QIUT TREM 5sec", [(0, 4), (5, 4), (10, 4)]),
        ("TERM ² KILL", [(5, 1)]),
        ("TERM " + "9" * 5000 + " KILL", [(5, 5000)]),
    ],
)
def test_where_the_mistakes_are(text: str, places: list[tuple[int, int | None]]) -> None:
    mistakes: list[Mistake] = []
    parse_text(text, (), mistakes)
    assert [(mistake.start, mistake.length) for mistake in mistakes] == places


@given(
    st.lists(
        st.builds(
            Step, wait=st.integers(0, 10_000_000), signal=st.integers(0, RTMAX).filter(lambda n: n not in (32, 33))
        ),
        min_size=1,
    )
)
def test_spelt_and_parsed_it_is_the_same(chain: list[Step]) -> None:
    assert parse_text(format_steps(tuple(chain)), (), []) == tuple(chain)


WORDS = st.sampled_from(
    ["TERM", "5s", "5", "s", "drop", "hold", "next", "forward", "QIUT", "stop", "1.5s", "30,", "²", "9" * 30]
)


@given(st.text(max_size=40) | st.lists(WORDS).map(" ".join))
def test_any_text_is_steps_or_mistakes_within_it(text: str) -> None:
    mistakes: list[Mistake] = []
    result = parse_text(text, (), mistakes)
    assert mistakes or result
    for mistake in mistakes:
        assert mistake.message
        assert mistake.hint
        assert 0 <= mistake.start <= len(text)
        assert mistake.length is None or text[mistake.start : mistake.start + mistake.length].strip()
