"""The starts of children and commands: each succeeds or fails at once, or, if its exec takes long, later.

Rules that say more of a start have a form of their own (further_starts.py).
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.effects import Decide, Spawn
from sigroute.pid1.engine.events import HelperEnded, NotSpawned, RunNotStarted, RunStarted, Spawned
from sigroute.pid1.kernel import spawn
from sigroute.pid1.kernel.options import ANY_ERROR, DEFAULT_START
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.start import PATIENCE, CannotRunError, Start
from sigroute.pid1.plan import SAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect, Kill, Run
    from sigroute.pid1.engine.events import Childless, Event, Exited, Process
    from sigroute.pid1.kernel.channel import Channel
    from sigroute.pid1.kernel.control import Control
    from sigroute.pid1.kernel.helpers import Helpers
    from sigroute.pid1.kernel.notices import Notices
    from sigroute.pid1.kernel.options import StartOptions
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import ChildPlan, Plan, World

    Outcome = Spawned | NotSpawned | RunStarted | RunNotStarted
    """The event for a start."""


class Starts:
    """Starts programs, and remembers those whose exec is still under way."""

    def __init__(self, plan: Plan, options: StartOptions, begun: Start | CannotRunError | None) -> None:
        self.plan = plan
        self.options = options
        #: The start of the first child, if it was made before this was loaded.
        self.begun = begun
        #: By pid: the processes whose exec is still under way, each with the effect that has asked for it.
        self.late: dict[int, tuple[Start, Spawn | Run | Decide]] = {}
        #: The pid of the child in sigroute's own process group; 0: none.
        self.shared = 0
        #: The descriptors that tell by a signal, if there are any.
        self.notices: Notices | None = None
        #: By kind: what performs the effects that few plans have.
        self.further: dict[type[Effect], Callable[[Any], Event | None]] = {}
        #: What passes output on, if an output needs it.
        self.helpers: Helpers | None = None
        #: The control socket, if there is one, and which file it is.
        self.control_file: tuple[int, int] | None = None
        self.control: Control | None = None

    def attend(self, descriptors: tuple[int, ...]) -> None:
        """Have the control socket served."""
        from sigroute.pid1.engine.requests import Reply  # noqa: PLC0415 - where it is needed only
        from sigroute.pid1.kernel.control import Control  # noqa: PLC0415 - as above
        from sigroute.pid1.kernel.notices import Notices  # noqa: PLC0415 - as above

        self.notices = self.notices or Notices()
        self.control_file = identity(self.plan.control)
        self.control = Control(descriptors, self.notices, self.plan, lambda: self.fitting(DEFAULT_START).avoided)
        self.further[Reply] = lambda _effect: None

    def spawn(self, effect: Spawn) -> Event:
        """Start a child."""
        return self.begin(effect)

    def begin(self, effect: Spawn, channel: Channel | None = None, outputs: Outputs | None = None) -> Outcome:
        """Start a child, with what it has to say how it is, and what passes its output on."""
        child = self.plan.children[effect.child]
        begun, self.begun = self.begun, None  # the engine begins with the first child
        if begun is None:
            begun = spawn.attempt(
                child.argv,
                self.fitting(self.options),
                terminal=child.terminal,
                world=own(child),
                mark=b"" if child.ready is None else child.ready.file,
                outputs=outputs,
                channel=channel,
                patience=self._patience(),
            )
        return self.outcome(effect, begun)

    def run(self, effect: Run) -> Event:
        """Start the command of an action, or a probe."""
        begun = spawn.attempt(
            effect.argv,
            self.fitting(DEFAULT_START),
            quiet=True,
            mute=effect.probe,
            world=own(self.plan.children[effect.child]),
            mark=effect.file,
            patience=self._patience(),
        )
        return self.outcome(effect, begun)

    def fitting(self, options: StartOptions) -> StartOptions:
        """Return the options for a start."""
        return options

    def keep(self, due: int | None) -> int | None:
        """Return when PID 1 must wake up for what this looks after, at ``due`` at the latest."""
        return due if self.control is None else self.control.keep(due)

    def overdue(self) -> Event | None:
        """Return an event that was kept back, and can be no longer."""
        return None

    def has_gone(self, _effect: Kill) -> bool:
        """Tell whether a signal is for a process that has ended, although the engine does not know of it yet."""
        return False

    def listed(self, processes: tuple[Process, ...] | None) -> tuple[Process, ...] | None:
        """Return a list of processes without those that are no business of the engine."""
        return processes if self.control is None else self.control.without(processes)

    def last_lines(self, _child: int) -> str:
        """Return the last lines that a task has written, or words for where they are."""
        return ""

    def _patience(self) -> float:
        """Return how many seconds to wait for an exec: none while another one is late, as many waits would add up."""
        return 0 if any(not isinstance(effect, Decide) for _, effect in self.late.values()) else PATIENCE

    def outcome(self, effect: Spawn | Run | Decide, begun: Start | CannotRunError) -> Outcome:
        """Return the event for a start, as far as its result is known after a short time."""
        if not isinstance(begun, Start):
            return self.failed(effect, begun)
        if not begun.is_known():
            self.late[begun.pid] = (begun, effect)
        elif begun.error is not None:
            begun.end()
            return self.failed(effect, begun.error)
        if isinstance(effect, Spawn):
            self.shared = begun.pid if begun.shares else self.shared
            return Spawned(child=effect.child, pid=begun.pid, shares=begun.shares, missed=begun.pending)
        return RunStarted(run=effect.run, pid=begun.pid)

    def failed(self, effect: Spawn | Run | Decide, error: CannotRunError, pid: int = 0) -> NotSpawned | RunNotStarted:
        """Return the event for a start that has failed; ``pid`` is its process, if that was reported before."""
        if not isinstance(effect, (Spawn, Decide)):
            return RunNotStarted(run=effect.run, reason=str(error), pid=pid)
        reason, exit_codes = str(error), self.options.exit_codes
        if error.what in self.options.messages:
            program = self.plan.children[effect.child].argv[0].decode("utf-8", "replace")
            reason = self.options.messages[error.what].format(program=program, error=posix.strerror(error.number))
        status = exit_codes.get(error.number, exit_codes[ANY_ERROR])
        return NotSpawned(child=effect.child, status=status, reason=reason, pid=pid)

    def fate(self, event: Exited) -> Event:
        """Return the event for an exit; it is a failed start if the process's late exec has failed."""
        if self.control is not None and self.control.ended(event.pid):
            return HelperEnded(pid=event.pid, status=0)
        if event.pid not in self.late:
            return event
        begun, effect = self.late.pop(event.pid)
        begun.is_known()  # reads the error of the exec, if there is one: the process that writes it has ended
        return event if begun.error is None else self.failed(effect, begun.error, event.pid)

    def nothing(self) -> Childless | None:
        """Return the event where no child process has ended: Childless if only sigroute's own are left."""
        self.look()
        return None if self.control is None else self.control.alone()

    def finish(self) -> None:
        """Clear up at the end."""
        if self.control is not None and identity(self.plan.control) == self.control_file:
            optional(posix.unlink, self.plan.control)  # it is ours still

    def is_late(self, pid: int) -> bool:
        """Tell whether the exec of a process is still under way."""
        self.look()
        return pid in self.late

    def look(self) -> None:
        """Forget the processes whose exec has succeeded by now."""
        for pid, (begun, _) in list(self.late.items()):
            if begun.is_known() and begun.error is None:
                del self.late[pid]


def identity(path: bytes) -> tuple[int, int] | None:
    """Return which file is there; None: none, or that can't be found out."""
    try:
        found = posix.lstat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def own(child: ChildPlan) -> World | None:
    """Return the world of a child; None: all is as sigroute has it."""
    return None if child.world == SAME else child.world
