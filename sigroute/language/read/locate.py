"""From findings, with their places as keys, to problems with lines and columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.problems import MOST, Problem
from sigroute.language.read.spans import Span, Spans, scan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sigroute.language.read.reading import Finding
    from sigroute.language.read.source import Source


def locate(findings: Iterable[Finding]) -> tuple[Problem, ...]:
    """Return each finding as a problem, sorted by line within each file.

    Of more than ``MOST`` findings in a file, the first ``MOST`` count. The reader stops there as well, so nobody knows
    how many more there are.
    """
    by_source: dict[Source, list[Finding]] = {}
    for finding in findings:
        by_source.setdefault(finding.source, []).append(finding)
    return tuple(problem for source, found in by_source.items() for problem in _of_file(source, found))


def _of_file(source: Source, findings: list[Finding]) -> Iterator[Problem]:
    spans = _scan(source.text)
    problems = [_problem(finding, spans) for finding in findings[:MOST]]
    yield from sorted(problems, key=lambda each: (each.line, each.column))
    if len(findings) >= MOST:
        message = f"there may be more than these {MOST}"
        hint = "mend these, and check it again"
        yield Problem(source.name, message, hint, warning=all(each.warning for each in findings))


def _scan(text: str) -> Spans:
    try:
        return scan(text)
    except RecursionError:
        # Hundreds of nested lists: the problems have no lines.
        return Spans(text)


def _problem(finding: Finding, spans: Spans) -> Problem:
    source = finding.source
    span = _span(finding, spans)
    if span is None:
        return Problem(source.name, finding.message, finding.hint, warning=finding.warning)
    line = spans.line(span.start)
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


def _span(finding: Finding, spans: Spans) -> Span | None:
    """Return the span of a finding, or of the nearest table above it that is in the text."""
    path = finding.path
    if finding.on_key and path in spans.keys:
        return spans.key_span(path, finding.start, finding.length)
    if path in spans.values:
        return spans.value_span(path, finding.start, finding.length)
    if path in spans.keys:
        return spans.key_span(path, 0, None)
    while path:
        path, last = path[:-1], path[-1]
        if isinstance(last, int) and path in spans.values:
            return spans.value_span(path, 0, None)
        if path in spans.keys:
            return spans.key_span(path, 0, None)
    return None
