"""Pipes through which the output of children comes to a process of sigroute's own."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel import spawn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.kernel.tagging import Pipe


def made() -> Pipe:
    """Make a pipe. Reading from it does not block; writing to it, which a child does, blocks.

    :raises OSError: there is no descriptor left.
    """
    reader, writer = spawn.pipe()
    posix.set_blocking(writer, True)
    return reader, writer
