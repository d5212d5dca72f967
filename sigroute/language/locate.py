"""From what is wrong, by keys, to problems with lines and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.places import Places, Span, scan
from sigroute.language.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.language.reading import Finding
    from sigroute.language.source import Source


def locate(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """Return each finding as a problem, in the order of the lines of each file."""
    scanned: dict[Source, Places] = {}
    problems = []
    for finding in findings:
        if finding.source not in scanned:
            scanned[finding.source] = _scan(finding.source.text)
        problems.append(_problem(finding, scanned[finding.source]))
    files = list(dict.fromkeys(problem.file for problem in problems))
    return tuple(sorted(problems, key=lambda each: (files.index(each.file), each.line, each.column)))


def _scan(text: str) -> Places:
    try:
        return scan(text)
    except RecursionError:
        # Hundreds of lists within each other: what is wrong is said without a line.
        return Places(text)


def _problem(finding: Finding, places: Places) -> Problem:
    source = finding.source
    span = _span(finding, places)
    if span is None:
        return Problem(source.name, finding.message, finding.hint, warning=finding.warning)
    line = places.line(span.start)
    return Problem(
        source.name,
        finding.message,
        finding.hint,
        line=line.number,
        column=span.start - line.start,
        length=min(span.end - line.start, len(line.text)) - (span.start - line.start),
        source=line.text,
        warning=finding.warning,
    )


def _span(finding: Finding, places: Places) -> Span | None:
    """Return where it is, or the nearest place above it that is written down."""
    path = finding.path
    if finding.on_key and path in places.keys:
        return places.key_span(path, finding.start, finding.length)
    if path in places.values:
        return places.value_span(path, finding.start, finding.length)
    if path in places.keys:
        return places.key_span(path, 0, None)
    while path:
        path, last = path[:-1], path[-1]
        if isinstance(last, int) and path in places.values:
            return places.value_span(path, 0, None)
        if path in places.keys:
            return places.key_span(path, 0, None)
    return None
