"""Timelines of runs: made from the lines of a log, simulated or real, and drawn.

``build`` makes one, ``critical`` finds what it has waited for, ``words`` says it; the others draw it.
"""

from __future__ import annotations

from sigroute.timeline.build import timeline_of
from sigroute.timeline.model import Lane, Line, Link, Mark, Span, Timeline

__all__ = ["Lane", "Line", "Link", "Mark", "Span", "Timeline", "timeline_of"]
