"""A timeline as JSON. Its keys are promises (docs/timeline.md); new ones may come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sigroute.timeline.model import Lane, Link, Span, Timeline

VERSION = 1


def document(timeline: Timeline) -> str:
    """Return the timeline as JSON."""
    stop = {
        "began": timeline.stop,
        "took": None if timeline.code is None else timeline.end - (timeline.stop or 0),
        "path": [_link(link) for link in timeline.path],
    }
    made = {
        "version": VERSION,
        "end": timeline.end,
        "code": timeline.code,
        "start": {"path": [_link(link) for link in timeline.start_path]},
        "stop": None if timeline.stop is None else stop,
        "signals": [{"at": mark.at, "signal": mark.signal} for mark in timeline.arrivals],
        "children": [_child(lane) for lane in timeline.lanes],
        "log": [{"at": at, "event": name, **fields} for at, name, fields in timeline.lines],
    }
    return json.dumps(made, indent=2) + "\n"


def _child(lane: Lane) -> dict[str, object]:
    return {
        "name": lane.name,
        "spans": [_span(span) for span in lane.spans],
        "signals": [{"at": mark.at, "signal": mark.signal} for mark in lane.marks],
    }


def _link(link: Link) -> dict[str, object]:
    return {"child": link.lane, **_span(link.span)}


def _span(span: Span) -> dict[str, object]:
    return {"kind": span.kind, "from": span.start, "to": span.end, "note": span.note, "until": span.until}
