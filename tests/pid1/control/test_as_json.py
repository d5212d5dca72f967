"""Plain values as JSON, against the json module."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.control.as_json import as_json

if TYPE_CHECKING:
    from sigroute.pid1.control.as_json import Value

# Names come from rule files and from /proc, so they may have any character; lone surrogates, too, which no JSON should.
texts = st.text() | st.text(st.characters(exclude_categories=()))
plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | texts
values = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)


@given(values)
def test_it_is_what_the_json_module_reads(value: Value) -> None:
    text = as_json(value)
    assert json.loads(text) == value
    assert "\n" not in text
    text.encode()  # whatever is in it


def test_how_it_is_written() -> None:
    value: Value = {"a": [1, True, None, (2, "x")], "b": {}, "c": False}
    assert as_json(value) == '{"a": [1, true, null, [2, "x"]], "b": {}, "c": false}' == json.dumps(value)


@pytest.mark.parametrize("value", ["\x1b[0m", "\x7f", "\x9b", "\ud800", '"', "\\"])
def test_no_terminal_obeys_it(value: str) -> None:
    assert as_json(value).isprintable()
