"""Calls that the kernel may refuse: some are made once more, some can fail without harm."""

from __future__ import annotations

import posix
import time

from sigroute.pid1.kernel.abi import EAGAIN, EINTR, EIO, EMFILE, ENFILE, ENOMEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Answer = TypeVar("Answer")

#: Errors that may be over the next moment (errno(3)).
PASSING = (EINTR, EIO, EAGAIN, ENOMEM, ENFILE, EMFILE)


def words(error: OSError | MemoryError) -> str:
    """Return the C library's words for an error (strerror(3))."""
    if isinstance(error, MemoryError):
        return posix.strerror(ENOMEM)
    return posix.strerror(error.errno) if error.errno else str(error)


#: Seconds.
PAUSE = 0.1


def twice(call: Callable[..., Answer], *arguments: object) -> Answer:
    """Make a call. After an error that may be over by then, make it once more.

    :raises OSError: it was refused.
    """
    try:
        return call(*arguments)
    except OSError as error:
        if error.errno not in PASSING:
            raise
    return call(*arguments)


def optional(call: Callable[..., object], *arguments: object) -> None:
    """Make a call whose failure does no harm."""
    try:
        twice(call, *arguments)
    except (OSError, MemoryError):
        return


def pause() -> None:
    """Leave the processor to others for a moment after an error of our own, as the next one may be the same."""
    optional(time.sleep, PAUSE)
