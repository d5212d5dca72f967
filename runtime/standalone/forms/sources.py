"""The form of static/sources.py in the static sigroute: what it makes is of the sources that it was made of."""

from __future__ import annotations

from sigroute.pid1.watch import core


def sources() -> bytes:
    """Return the hash that this executable carries."""
    return bytes(core.part("sources"))
