"""The last stage of the log in the static executable: the watch has it, for its own lines, too (runtime/src/log.c)."""

from __future__ import annotations

from sigroute.pid1.watch import core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.log.sink import Numbered


class WatchSink:
    """Hands lines to the watch, which has opened its log at its start (runtime/src/main.c)."""

    @property
    def silent(self) -> bool:
        """No line is written at all."""
        return core.silent()

    def tell(self, lines: list[bytes], again: Callable[[], Numbered]) -> None:
        """Write the lines, or only count them if they are the same again and again."""
        before, after = again() if core.needs_again(lines) else (None, None)
        core.tell(lines, before, after)
