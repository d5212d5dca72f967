"""A pattern never refuses what a reader takes."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sigroute.language.read import action_table, lifecycle_values, tables
from sigroute.language.read.classes import read_signals
from sigroute.language.read.reading import Reading
from sigroute.language.read.signals import ALIASES
from sigroute.language.read.source import Source
from sigroute.language.schema import patterns
from sigroute.language.schema.of_values import VALUES
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from collections.abc import Callable

READERS = {**tables.READERS, **lifecycle_values.READERS, **action_table.READERS}
READERS["signals"] = lambda reading, path, value: read_signals(reading, path, value, [])

BLANKS = " ", " ", " ", "\t", "\n", "\xa0", "\x85", "\x1c", "\u2028"
DURATIONS = "1", "0", "20", "h", "m", "s", "ms", "5s", "1m", "${A}", "${A:-5s}", "$${"
STEPS = *DURATIONS, *BLANKS, "TERM", "SIGQUIT", "forward", "drop", "idle", "RTMIN+3", "hold", "next", "15", "KILL"
NAMES = "a", "Z", "9", "_", "-", ".", "+", "@", "ä", "Ω", "*", "/", ":", "!", "=", "|", " ", "\n"
PATHS = *NAMES, "/", "/srv", "${DIR}", "${DIR:-/srv}", "${DIR:-srv}", "$${", "tag", "null", "inherit"
PARTS: dict[str, tuple[str, ...]] = {
    "duration": DURATIONS,
    "hold": DURATIONS,
    "waits": (*DURATIONS, *BLANKS),
    "send": STEPS,
    "else": STEPS,
    "again": STEPS,
    "instances": ("1", "20", "${A}", "${A:-2}", "$${"),
    "listen": ("127.0.0.1", "0.0.0.0", "[::1]", "::", ":", "80", "/run/a", "/", "[", "]", "a", "${A}", "${A:-1}"),
    "absolute": PATHS,
    "journal-path": PATHS,
    "control-path": PATHS,
    "env-file": PATHS,
    "output": PATHS,
    "user": (*NAMES, "root", "1000", "${A}", "${A:-app}"),
    "extra-groups": NAMES,
    "groups": NAMES,
    "programs": NAMES,
    "only-if": (*NAMES, "A", "/etc", "NAME=a", "!="),
    "umask": ("0", "2", "7", "8", "27", "022"),
}
"""What values are put together from, by kind."""

SIGNALS = (
    "TERM",
    "SIG",
    "CHLD",
    "CLD",
    "RTMIN",
    "RTMAX",
    "+",
    "-",
    "3",
    "31",
    "0",
    "stop",
    "reload",
    "@",
    "tty",
    "outside",
)

INSIDE: dict[str, tuple[str, str, tuple[str, ...], Callable[[str], object]]] = {
    "a limit": ("limits", patterns.LIMIT, ("1", "0", "20", ":", "unlimited", " "), lambda text: {"core": text}),
    "a variable": ("env", r"^[^=*]+$|^[^=*]*\*$", NAMES, lambda text: {text: True}),
    "a code": (
        "codes",
        "|".join(VALUES["codes"]["patternProperties"]),
        ("0", "1", "25", "5", "any"),
        lambda text: {text: 0},
    ),
    "a key": ("on", patterns.KEY, SIGNALS, lambda text: {text: "TERM"}),
    "a repeat": ("again", patterns.REPEATED, SIGNALS, lambda text: {text: "KILL"}),
    "a member": ("signals", patterns.MEMBER, SIGNALS, lambda text: {"stop": [text]}),
    "a class": ("signals", f"^{patterns.CLASS}$", NAMES, lambda text: {text: ["USR1"]}),
    "a watch": ("watch", f"^{patterns.RECEIVABLE}$", SIGNALS, lambda text: {"/etc": text}),
    "a child": ("children", f"^{patterns.NAME}$", NAMES, lambda text: {text: {}}),
}
"""Keys and values within tables: the kind of the table, the pattern, the parts, and a table with such a one."""


def is_taken(kind: str, value: object) -> bool:
    reading = Reading(Source("", ""))
    READERS[kind](reading, (), value)
    return not reading.findings


def is_matched(schema: dict[str, Any], text: str) -> bool:
    fits = [text in schema["enum"]] if "enum" in schema else []
    fits += [re.search(schema["pattern"], text) is not None] if "pattern" in schema else []
    fits += [any(is_matched(each, text) for each in schema["anyOf"])] if "anyOf" in schema else []
    return all(fits)


def put_together(parts: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(parts), max_size=9).map("".join)


@pytest.mark.parametrize("kind", PARTS)
@settings(max_examples=400)
@given(data=st.data())
def test_a_value_that_is_taken_matches(kind: str, data: st.DataObject) -> None:
    text = data.draw(put_together(PARTS[kind]))
    assert is_matched(VALUES[kind], text) or not is_taken(kind, text)


@pytest.mark.parametrize("what", INSIDE)
@settings(max_examples=400)
@given(data=st.data())
def test_what_is_taken_within_a_table_matches(what: str, data: st.DataObject) -> None:
    kind, pattern, parts, table = INSIDE[what]
    text = data.draw(put_together(parts))
    assert re.search(pattern, text) or not is_taken(kind, table(text))


def test_every_kind_with_a_pattern_is_tried() -> None:
    with_patterns = {kind for kind, schema in VALUES.items() if "pattern" in schema or "anyOf" in schema}
    named = {"after", "needs", "when", "child"}  # by names that are declared: "a child" above
    assert with_patterns - named == PARTS.keys()


SPELT = [
    *(f"{sig}{name}" for sig, name in product(("", "SIG"), (*STANDARD, *ALIASES, "NONE"))),
    *map(str, range(100)),
    *(
        f"RT{end}{sign}{digits}"
        for end, sign, digits in product(("MIN", "MAX"), "+-", (*map(str, range(70)), "00", "003"))
    ),
    "RTMIN",
    "SIGRTMAX",
]


@pytest.mark.parametrize("text", SPELT)
def test_a_signal_is_matched_if_it_is_one_and_only_then(text: str) -> None:
    sent = is_taken("send", text)
    received = is_taken("on", {text: "TERM"})
    assert is_matched(VALUES["send"], text) == sent
    assert bool(re.search(f"^{patterns.RECEIVABLE}$", text)) == received


@pytest.mark.parametrize("text", ["5s1h", "1m 5s", "5", "-5s", "", "5S", "1.5s", "03:00"])
def test_no_duration_is_matched(text: str) -> None:
    assert not is_matched(VALUES["duration"], text)


@pytest.mark.parametrize("kind", [kind for kind, schema in VALUES.items() if "integer" in schema.get("type", ())])
def test_a_number_is_allowed_if_it_is_taken_and_only_then(kind: str) -> None:
    least, most = VALUES[kind].get("minimum", 0), VALUES[kind].get("maximum", 10**9)
    for number in {least - 1, least, -1, 0, 1, 64, 65, 10**5, most, min(most + 1, 10**9)}:
        assert is_taken(kind, number) == (least <= number <= most), number
