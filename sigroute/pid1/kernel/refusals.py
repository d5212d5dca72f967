"""Calls that the kernel refuses: what may help is tried once more, and what is optional does not matter."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Answer = TypeVar("Answer")

EINTR, EIO, EAGAIN, ENOMEM, ENFILE, EMFILE = 4, 5, 11, 12, 23, 24

#: What may be over the next moment: errno(3).
PASSING = (EINTR, EIO, EAGAIN, ENOMEM, ENFILE, EMFILE)


def twice(call: Callable[..., Answer], *arguments: object) -> Answer:
    """Make a call; where it fails by what may be over the next moment, make it once more.

    :raises OSError: it was refused.
    """
    try:
        return call(*arguments)
    except OSError as error:
        if error.errno not in PASSING:
            raise
    return call(*arguments)


def optional(call: Callable[..., object], *arguments: object) -> None:
    """Make a call that sigroute can do without."""
    try:
        twice(call, *arguments)
    except (OSError, MemoryError):
        return
