"""The form of sigroute/completion.py in the static sigroute: shtab is a Python package."""

from __future__ import annotations

from sigroute.arguments import complain
from sigroute.pid1.exit_codes import UNAVAILABLE


def main(_: list[str]) -> int:
    """Say what can print the script; return the exit code."""
    complain(
        "sigroute completion: this needs the Python package, from a checkout of sigroute: pip install '.[completion]'"
    )
    return UNAVAILABLE
