"""Pipes through which the output of children comes to a process of sigroute's own."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel import spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.kernel.tagging import Pipe


def made() -> Pipe:
    """Make a pipe whose end to read from does not block; the end to write to is a child's, and does.

    :raises OSError: there is no descriptor left.
    """
    reader, writer = spawn.pipe()
    posix.set_blocking(writer, True)
    return reader, writer
