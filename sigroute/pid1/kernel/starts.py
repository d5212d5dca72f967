"""The starts of children and commands: each succeeds or fails at once, or, if its exec takes long, later."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.effects import Decide, Spawn
from sigroute.pid1.engine.events import Childless, NotSpawned, RunNotStarted, RunStarted, Spawned
from sigroute.pid1.kernel import spawn
from sigroute.pid1.kernel.options import ANY_ERROR, DEFAULT_START
from sigroute.pid1.kernel.start import PATIENCE, CannotRunError, Start
from sigroute.pid1.plan import SAME

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Kill, Look, Run
    from sigroute.pid1.engine.events import Event, Exited, Process
    from sigroute.pid1.kernel.channel import Channel
    from sigroute.pid1.kernel.channels import Channels
    from sigroute.pid1.kernel.helpers import Helpers
    from sigroute.pid1.kernel.notices import Notices
    from sigroute.pid1.kernel.options import StartOptions
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.kernel.watches import Watches
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
        #: What passes output on, if an output needs it.
        self.helpers: Helpers | None = None
        if plan.has_helpers():
            from sigroute.pid1.kernel.helpers import Helpers  # noqa: PLC0415 - where it is needed only

            self.helpers = Helpers(plan)
        #: What children say of themselves, if any does.
        self.channels: Channels | None = None
        if plan.has_channels():
            from sigroute.pid1.kernel.channels import begun as listening  # noqa: PLC0415 - as above

            self.channels = listening(plan)
            self.notices = self.channels.notices
        #: The paths that children watch, if there are any.
        self.watches: Watches | None = None
        if plan.has_watches():
            from sigroute.pid1.kernel.notices import Notices  # noqa: PLC0415 - as above
            from sigroute.pid1.kernel.watches import Watches  # noqa: PLC0415 - as above

            self.notices = self.notices or Notices()
            self.watches = Watches(self.notices)

    def spawn(self, effect: Spawn) -> Event:
        """Start a child; listen to it if it says itself how it is."""
        try:
            channel = None if self.channels is None else self.channels.open(effect.child)
            outputs = None if self.helpers is None else self.helpers.outputs(effect.child)
        except CannotRunError as error:
            return self._failed(effect, error)
        event = self._spawn(effect, channel, outputs)
        if self.helpers is not None:
            self.helpers.started(effect.child, event.pid)
        if self.channels is not None and channel is not None:
            if isinstance(event, Spawned):
                self.channels.listen(channel, event.pid)
            else:
                self.channels.drop(effect.child)
        return event

    def _spawn(self, effect: Spawn, channel: Channel | None, outputs: Outputs | None) -> Outcome:
        child = self.plan.children[effect.child]
        begun, self.begun = self.begun, None  # the engine begins with the first child
        if begun is None:
            begun = spawn.attempt(
                child.argv,
                self._avoiding(self.options),
                terminal=child.terminal,
                world=own(child),
                mark=b"" if child.ready is None else child.ready.file,
                outputs=outputs,
                channel=channel,
                patience=self._patience(),
            )
        return self._outcome(effect, begun)

    def run(self, effect: Run) -> Event:
        """Start the command of an action, or a probe."""
        if effect.file and self._is_starting(effect.child):
            return RunNotStarted(run=effect.run, reason="what an earlier life has left may still be there")
        begun = spawn.attempt(
            effect.argv,
            self._avoiding(DEFAULT_START),
            quiet=True,
            mute=effect.probe,
            world=own(self.plan.children[effect.child]),
            mark=effect.file,
            patience=self._patience(),
        )
        return self._outcome(effect, begun)

    def _is_starting(self, child: int) -> bool:
        """Tell whether a child has not come to its exec, for all we know."""
        self.look()
        return any(isinstance(effect, Spawn) and effect.child == child for _, effect in self.late.values())

    def decide(self, effect: Decide) -> Event:
        """Start the process that looks whether the conditions of a child hold."""
        from sigroute.pid1.kernel import conditions  # noqa: PLC0415 - whoever has conditions has loaded it

        child = self.plan.children[effect.child]
        return self._outcome(effect, conditions.begin(child.only_if, own(child)))

    def keep(self, due: int | None) -> int | None:
        """See to pipes, sockets and the helper; return when PID 1 must wake up for them, at ``due`` at the latest."""
        due = due if self.channels is None else self.channels.keep(due)
        return due if self.helpers is None else self.helpers.keep(due)

    def overdue(self) -> Event | None:
        """Return the exit of a task that was withheld for too long."""
        return None if self.helpers is None else self.helpers.overdue()

    def _avoiding(self, options: StartOptions) -> StartOptions:
        withheld = None if self.helpers is None else self.helpers.withheld()
        return options.but(avoided=withheld) if withheld else options

    def has_gone(self, effect: Kill) -> bool:
        """Tell whether a signal is for a process that has ended, although the engine does not know of it yet."""
        return self.helpers is not None and self.helpers.signalled(effect.pid, effect.signal)

    def look_at(self, effect: Look) -> Event | None:
        """Start a look at a path that is watched."""
        return None if self.watches is None else self.watches.look(effect)

    def listed(self, processes: tuple[Process, ...] | None) -> tuple[Process, ...] | None:
        """Return a list of processes without those that are no business of the engine."""
        own = [] if self.watches is None else self.watches.pids()
        if self.helpers is not None:
            own += self.helpers.pids()
        return tuple([each for each in processes if each.pid not in own]) if own and processes else processes

    def _patience(self) -> float:
        """Return how many seconds to wait for an exec: none while another one is late, as many waits would add up."""
        return 0 if any(not isinstance(effect, Decide) for _, effect in self.late.values()) else PATIENCE

    def _outcome(self, effect: Spawn | Run | Decide, begun: Start | CannotRunError) -> Outcome:
        """Return the event for a start, as far as its result is known after a short time."""
        if not isinstance(begun, Start):
            return self._failed(effect, begun)
        if not begun.is_known():
            self.late[begun.pid] = (begun, effect)
        elif begun.error is not None:
            begun.end()
            return self._failed(effect, begun.error)
        if isinstance(effect, Spawn):
            self.shared = begun.pid if begun.shares else self.shared
            return Spawned(child=effect.child, pid=begun.pid, shares=begun.shares, missed=begun.pending)
        return RunStarted(run=effect.run, pid=begun.pid)

    def _failed(self, effect: Spawn | Run | Decide, error: CannotRunError, pid: int = 0) -> NotSpawned | RunNotStarted:
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
        ended = None if self.helpers is None else self.helpers.ended(event)
        if ended is not None:
            return ended
        if self.channels is not None:
            self.channels.ended(event.pid)
        if event.pid not in self.late:
            return event
        begun, effect = self.late.pop(event.pid)
        begun.is_known()  # reads the error of the exec, if there is one: the process that writes it has ended
        return event if begun.error is None else self._failed(effect, begun.error, event.pid)

    def nothing(self) -> Childless | None:
        """Return the event where no child process has ended: Childless if only helpers are left."""
        self.look()
        return Childless() if self.helpers is not None and self.helpers.are_alone() else None

    def last_lines(self, child: int) -> str:
        """Return the last lines that a task has written, or words for where they are."""
        to = self.plan.children[child].world.output
        if to not in (b"inherit", b"tag"):
            return "not kept (output = null)" if to == b"null" else f"see {to.decode('utf-8', 'replace')}"
        lines = None if self.helpers is None else self.helpers.last_lines(child)
        return "see above" if lines is None else lines or "none"

    def is_late(self, pid: int) -> bool:
        """Tell whether the exec of a process is still under way."""
        self.look()
        return pid in self.late

    def look(self) -> None:
        """Forget the processes whose exec has succeeded by now."""
        for pid, (begun, _) in list(self.late.items()):
            if begun.is_known() and begun.error is None:
                del self.late[pid]


def own(child: ChildPlan) -> World | None:
    """Return the world of a child; None: all is as sigroute has it."""
    return None if child.world == SAME else child.world
