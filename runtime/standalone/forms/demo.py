"""The form of sigroute/demo/ in the static sigroute: the demo's servers are Python programs."""

from __future__ import annotations

from sigroute.arguments import complain
from sigroute.pid1.exit_codes import UNAVAILABLE


def main(_: list[str]) -> int:
    """Say who can show the demo; return the exit code."""
    complain(
        "sigroute demo: this needs the Python package, from a checkout of sigroute (pip install .): its servers are in"
        " Python"
    )
    return UNAVAILABLE
