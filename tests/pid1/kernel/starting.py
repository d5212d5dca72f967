"""Starting a program as the kernel seam does, and waiting for what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigroute.pid1.kernel.spawn import Start, attempt

if TYPE_CHECKING:
    from sigroute.pid1.manner import Manner


def start(argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, **options: Any) -> int:
    """Return the pid of the program.

    :raises CannotRunError: it can't be run; no process is left of the attempt.
    """
    begun = attempt(argv, environ, manner, **options)
    if not isinstance(begun, Start):
        raise begun
    while not begun.is_known():  # a busy machine takes longer than sigroute waits
        begun.wait()
    if begun.error is not None:
        begun.end()
        raise begun.error
    return begun.pid
