"""What a stand-in makes of its command line and environment: the role that sigroute is to play, or an answer."""

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

#: What each says of an error of sigroute's own.
FALLBACK = "an error of sigroute's own ({text}): from now on it only passes signals on and reaps"

Says = dict[str, tuple[tuple[int, str], ...]]
"""By the name of a line of the log (narrate.py), the program's own lines: a descriptor and a text for each.

A name may be followed by that of the signal which arrived: ``sent TERM``.
"""


class Call(Record):
    """How it was called."""

    name: str
    """The last part of the name."""
    words: tuple[str, ...]
    environ: dict[bytes, bytes]
    blocked: frozenset[int]
    """The signals that were blocked when it was started."""
    version: str
    """sigroute's own."""

    def told(self, text: str) -> str:
        """Return a text with the names filled in."""
        return text.format(name=self.name, version=self.version)


class Role(Record):
    """The role that sigroute is to play."""

    command: tuple[str, ...]
    """What to run; empty: nothing."""
    start: StartOptions
    init: InitOptions
    routes: Routes
    says: Says
    notes: tuple[str, ...] = ()
    """What there is to say of the start."""
    death: int = 0
    """The signal that sigroute is to get when its parent dies; 0: none."""
    fatal: str = ""
    """How a line begins that says why it ends."""
    adopts: bool = False
    """It becomes a subreaper where it is not PID 1."""
    warning: str = ""
    """What it says where orphans do not come to it."""
    detaches: tuple[str, ...] = ()
    """It gives up the terminal, so that the child's session can have it; what it says of that (DETACHED)."""


#: Places in ``Role.detaches``: given up as the leader of the session, as another, not given up.
AS_LEADER, AS_OTHER, NOT_DETACHED = 0, 1, 2


def prepare(role: Role) -> tuple[str, ...]:
    """Do what has to be done before the child is started; return what there is to say of it.

    exec keeps all of it (execve(2), PR_SET_PDEATHSIG(2const)).
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
    """Return what there is to say where orphans go elsewhere, and nobody has asked for them."""
    asked = role.adopts or own_pid() == 1
    return (role.warning,) if role.warning and not asked and not is_subreaper() else ()


def signed(mark: str) -> str:
    """Return the beginning of a line with our pid in it; what a user wrote follows it untouched."""
    return mark.format(me=own_pid())
