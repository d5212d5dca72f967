"""The form of sigroute/control/exporter.py in the static sigroute: prometheus_client is a Python package."""

from __future__ import annotations

from sigroute.arguments import complain
from sigroute.pid1.exit_codes import UNAVAILABLE


def main(_: list[str]) -> int:
    """Say what can serve the metrics; return the exit code."""
    complain(
        "sigroute exporter: this needs the Python package, from a checkout of sigroute: pip install '.[metrics]'"
        " (sigroute metrics prints them)"
    )
    return UNAVAILABLE
