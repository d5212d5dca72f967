"""Which machine this is: numbers of system calls differ."""

from __future__ import annotations

import posix


def machine() -> str:
    """Return the architecture (uname(2)); empty if it is unknown."""
    try:
        return posix.uname().machine
    except OSError:
        return ""
