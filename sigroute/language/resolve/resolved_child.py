"""A child with all that it inherits, and which entries apply to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from sigroute.language.read.model import Child
    from sigroute.language.resolve.lookup import Layer, Rows

TO_GROUP = frozenset(STANDARD[name] for name in ("INT", "QUIT", "TSTP", "WINCH", "TTIN", "TTOU"))
"""Signals that a terminal sends to a whole process group (termios(3), tty_ioctl(4)).

HUP and CONT are not among them: when a terminal goes away, they reach the leader of its session as well (POSIX, 11.1.10
"Modem Disconnect").
"""


@attrs.frozen(eq=False, repr=False)
class ResolvedChild:
    """A child, together with what it inherits by ``like``."""

    child: Child
    program: tuple[str, ...]
    exited: str
    terminal: str
    running: Rows
    """What applies once the child runs its program."""
    starting: Rows
    """What applies before that, if it has a program."""
    layers: tuple[Layer, ...]
    """The tables behind ``running``."""
    starting_layers: tuple[Layer, ...]

    @property
    def phases(self) -> tuple[Rows, ...]:
        """What may apply to it, in all phases of its life."""
        return (self.running, self.starting) if self.program else (self.running,)

    def can_hear(self, signal: int, sender: str) -> bool:
        """Tell whether its rules see a signal: not if the terminal sends it to the child itself."""
        return sender != "tty" or signal not in TO_GROUP or self.terminal != "child"
