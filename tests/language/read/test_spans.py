from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import tomli
from hypothesis import given

from sigroute.language.read.spans import Span, Spans, inner, offsets_of, scan
from tests.language.documents import written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.read.path import Path


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, (dict, list)):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, name))
    else:
        yield path, value


def cut(places: Spans, span: Span) -> str:
    return places.text[span.start : span.end]


@given(written())
def test_the_places_are_those_of_the_parser(drawn: tuple[dict[str, Any], str]) -> None:
    document, text = drawn
    assert tomli.loads(text) == document
    places = scan(text)
    for path, value in leaves(document):
        assert tomli.loads(f"x = {cut(places, places.values[path])}") == {"x": value}
        for depth in range(1, len(path) + 1):
            name = path[depth - 1]
            if isinstance(name, str):
                assert tomli.loads(f"{cut(places, places.keys[path[:depth]])} = 1") == {name: 1}


@given(written())
def test_every_character_of_a_string_has_its_place(drawn: tuple[dict[str, Any], str]) -> None:
    document, text = drawn
    places = scan(text)
    for path, value in leaves(document):
        if not isinstance(value, str):
            continue
        span = places.values[path]
        offsets = offsets_of(text, span)
        assert len(offsets) == len(value) + 1
        assert offsets == sorted(offsets)
        for offset, character in zip(offsets, value, strict=False):
            assert text[offset] in (character, "\\")


@pytest.mark.parametrize(
    ("literal", "part"),
    [
        ("'abc'", "abc"),
        ('"abc"', "abc"),
        ('""', '""'),
        ("''", "''"),
        ('"""abc"""', "abc"),
        ("'''abc'''", "abc"),
        ('""""a"""""', '"a""'),
        ("15", "15"),
    ],
)
def test_a_string_without_its_quotes(literal: str, part: str) -> None:
    span = scan(f"x = {literal}\n").values["x",]
    assert scan(f"x = {literal}\n").text[slice(*_ends(inner(f"x = {literal}\n", span)))] == part


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


@pytest.mark.parametrize(
    ("literal", "word", "found"),
    [
        ('"TERM 5s QIUT"', "QIUT", "QIUT"),
        (r'"TE\u0052M QIUT"', "QIUT", "QIUT"),
        (r'"\tQI\u0055T"', "QIUT", r"QI\u0055T"),
        ('"""\nTERM \\\n     QIUT"""', "QIUT", "QIUT"),
        ("'''\nTERM QIUT'''", "QIUT", "QIUT"),
        (r'"\U00000051IUT"', "QIUT", r"\U00000051IUT"),
    ],
)
def test_a_part_of_a_string(literal: str, word: str, found: str) -> None:
    text = f"[on]\nstop = {literal}\n"
    value = tomli.loads(text)["on"]["stop"]
    places = scan(text)
    assert cut(places, places.value_span(("on", "stop"), value.index(word), len(word))) == found


def test_a_key_is_where_it_stands_first() -> None:
    text = '[child.front]\n[child.front.on]\n"TERM@tty" = "x"\n[child . back]\n'
    places = scan(text)
    assert text.count("\n", 0, places.keys["child", "front"].start) == 0
    assert text.count("\n", 0, places.keys["child", "back"].start) == 3
    assert cut(places, places.key_span(("child", "front", "on", "TERM@tty"), 5, 3)) == "tty"
