"""The form of sigroute/control/live.py in the static sigroute: rich is a Python package."""

from __future__ import annotations

from sigroute.arguments import complain
from sigroute.pid1.exit_codes import UNAVAILABLE


def watch(_control: str) -> int:
    """Say what can watch; return the exit code."""
    complain(
        "sigroute status --watch: this needs the Python package, from a checkout of sigroute: pip install '.[watch]'"
    )
    return UNAVAILABLE
