"""The role of a stand-in: what its command line and environment ask for, as data."""

from __future__ import annotations

from sigroute.pid1.exit_codes import FAILURE
from sigroute.pid1.kernel.libc import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, is_subreaper, prctl
from sigroute.pid1.kernel.output import STDERR, end
from sigroute.pid1.kernel.surroundings import leads_session, own_pid
from sigroute.pid1.kernel.terminal import detach
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.compat.routes import Routes
    from sigroute.pid1.kernel.options import InitOptions, StartOptions

#: The message of each stand-in for an internal error of sigroute.
FALLBACK = "an error of sigroute's own ({text}): from now on it only passes signals on and reaps"

Says = dict[str, tuple[tuple[int, str], ...]]
"""By the name of a line of the log (narrate.py), the program's own lines: a descriptor and a text for each.

A name may be followed by that of the signal which arrived: ``sent TERM``.
"""


class Call(Record):
    """How the program was called."""

    name: str
    """The last part of argv[0]."""
    words: tuple[str, ...]
    environ: dict[bytes, bytes]
    blocked: frozenset[int]
    """The signals that were blocked at its start."""
    version: str
    """sigroute's version."""

    def told(self, text: str) -> str:
        """Return a text with name and version filled in."""
        return text.format(name=self.name, version=self.version)


class Role(Record):
    """What sigroute is to do in the other init's place."""

    command: tuple[str, ...]
    """The program to run; empty: none."""
    start: StartOptions
    init: InitOptions
    routes: Routes
    says: Says
    notes: tuple[str, ...] = ()
    """Messages about the start."""
    death: int = 0
    """The signal that sigroute gets when its parent dies; 0: none."""
    fatal: str = ""
    """The beginning of a fatal message."""
    adopts: bool = False
    """sigroute becomes a subreaper if it is not PID 1."""
    warning: str = ""
    """The message if orphans do not come to sigroute."""
    detaches: tuple[str, ...] = ()
    """sigroute gives up the terminal to the child's session; the messages about that, by the places below."""


#: Places in ``Role.detaches``: given up as the session's leader, given up as another member, not given up.
AS_LEADER, AS_OTHER, NOT_DETACHED = 0, 1, 2


def prepare(role: Role) -> tuple[str, ...]:
    """Do what must come before the child's start; return the messages about it.

    exec keeps all of this (execve(2), PR_SET_PDEATHSIG(2const)).
    """
    notes = list(role.notes)
    if role.death and not prctl(PR_SET_PDEATHSIG, role.death):
        reason = "cannot have a signal at the death of the parent (-p): this Python has no ctypes"
        end(FAILURE, f"{signed(role.fatal)}{reason}\n", STDERR)
    if role.adopts and own_pid() != 1 and not prctl(PR_SET_CHILD_SUBREAPER, 1):
        notes.append("cannot be a subreaper, so zombies will not come to it: this Python has no ctypes")
    if role.detaches:
        trouble = detach()
        how = NOT_DETACHED if trouble else AS_LEADER if leads_session() else AS_OTHER
        notes.append(role.detaches[how].format(trouble=trouble))
    return tuple(notes)


def orphaned(role: Role) -> tuple[str, ...]:
    """Return the warning that orphans go elsewhere, if there is one and nobody asked for them."""
    asked = role.adopts or own_pid() == 1
    return (role.warning,) if role.warning and not asked and not is_subreaper() else ()


def signed(mark: str) -> str:
    """Return the beginning of a message with our pid filled in. User input must not go through format()."""
    return mark.format(me=own_pid())
