"""From the text of a rule file to its model, with all errors at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import Any

from sigroute.language.read.classes import read_signals
from sigroute.language.read.fields import keys_of
from sigroute.language.read.keys import misspelt, read_keys, spellings
from sigroute.language.read.model import Child, RuleFile, Signals
from sigroute.language.read.path import format_header
from sigroute.language.read.problems import MOST_KNOWN, Mistake, Problem, RuleError, did_you_mean, quote
from sigroute.language.read.reading import Reading, TooManyFindings
from sigroute.language.read.signals import is_signal_or_class
from sigroute.language.read.source import Source, is_like_rules
from sigroute.language.read.tables import READERS
from sigroute.language.read.toml import read_toml
from sigroute.language.read.variables import report_misplaced

OpenLike = Callable[[str, Source], RuleFile]
"""Reads the file that a ``like`` names; raises Mistake or RuleError."""


def parse(source: Source, open_like: OpenLike) -> tuple[RuleFile, Reading]:
    """Return the rules of a text, and the reading with its findings. With findings, the rules must not be run.

    :raises RuleError: the text is no TOML, or no rule file at all.
    """
    document = read_toml(source)
    # A child's key at the top, or a signal that belongs under [on], is a slip with a hint of its own.
    familiar = {*keys_of(RuleFile), *keys_of(Child)}
    slips = all(is_signal_or_class(key, Signals().classes) for key in document)
    if not slips and not set(document) & familiar and not is_like_rules(source.text):
        raise RuleError(tuple(_no_rules(source, document)))
    reading = Reading(source)
    rules = RuleFile(source)
    with suppress(TooManyFindings):
        rules = _read(reading, document, open_like)
    return rules, reading


def _read(reading: Reading, document: dict[str, Any], open_like: OpenLike) -> RuleFile:
    _declare(reading, document, open_like)
    known = {"source": reading.source, "signals": reading.signals}
    rules = read_keys(reading, (), document, RuleFile, READERS, known)
    if "${" in reading.source.text:
        report_misplaced(reading, document)
    return rules


def _declare(reading: Reading, document: dict[str, Any], open_like: OpenLike) -> None:
    """Read what rules may name, wherever in the file it is declared: children, groups and classes of signals.

    A file without ``[signals]`` has classes all the same: those of the files that its children are like.
    """
    meant = misspelt(document, RuleFile)
    children, tasks = (_declared(document, spellings(document, meant, kind)) for kind in ("child", "task"))
    reading.children = tuple(dict.fromkeys(name for (_, name), _ in children))
    reading.tasks = tuple(dict.fromkeys(name for (_, name), _ in tasks))
    reading.end_tasks = frozenset(name for (_, name), table in tasks if table.get("at") == "end")
    reading.members = dict.fromkeys(group for _, table in (*children, *tasks) for group in _groups_of(table))
    tables = [document[key] for key in spellings(document, meant, "group") if isinstance(document[key], dict)]
    reading.groups = tuple(dict.fromkeys(chain(reading.members, *tables)))
    _read_likes(reading, children, open_like)
    here = next(iter(spellings(document, meant, "signals")), "signals")
    reading.signals = read_signals(reading, (here,), document.get(here, {}), list(reading.liked.values()))


def _declared(document: dict[str, Any], keys: Sequence[str]) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """Return the tables under these keys, each with its place."""
    return [
        ((key, name), table)
        for key in keys
        if isinstance(document[key], dict)
        for name, table in document[key].items()
        if isinstance(table, dict)
    ]


def _no_rules(source: Source, document: dict[str, Any]) -> Iterator[Problem]:
    """Yield the problems of a text that is no rule file. They quote no line of it, as it may be secret."""
    known = list(keys_of(RuleFile))
    lines = source.text.splitlines()
    for name, value in list(document.items())[:MOST_KNOWN]:
        hint = did_you_mean(name, known)
        if isinstance(value, dict) and not hint and not keys_of(Child).keys().isdisjoint(value):
            hint = f"a child's table is {format_header('child', name)}"
        if hint:
            number = next((at for at, line in enumerate(lines, 1) if line.lstrip(" \t[\"'").startswith(name)), 0)
            yield Problem(
                source.name, f"unknown {'table' if isinstance(value, dict) else 'key'} {quote(name)}", hint, number
            )
    message = "not a rule file: nothing in it is a key or a table of one"
    yield Problem(source.name, message, f"they are {', '.join(known)}")


def _groups_of(child: dict[str, Any]) -> Iterator[str]:
    """Yield the groups that a child names, even if there are errors beside them."""
    for key in spellings(child, misspelt(child, Child), "groups"):
        listed = [child[key]] if isinstance(child[key], str) else _strings(child[key])
        # "@app" gets an error of its own; "app has no members" would be a second one.
        yield from (group.removeprefix("@") for group in listed)


def _strings(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _read_likes(
    reading: Reading, children: Sequence[tuple[tuple[str, str], dict[str, Any]]], open_like: OpenLike
) -> None:
    """Read the files that the children are like."""
    for child, table in children:
        key = next(iter(spellings(table, misspelt(table, Child), "like")), "like")
        like, path = table.get(key), (*child, key)
        if not isinstance(like, str):
            continue
        try:
            rules = open_like(like, reading.source)
        except Mistake as mistake:
            reading.report(path, mistake.message, mistake.hint)
        except RuleError as error:
            reading.elsewhere += error.problems
        else:
            reading.liked[child] = rules
