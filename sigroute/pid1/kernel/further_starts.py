"""The starts that need more: conditions, readiness that is told, paths that are watched, output through a helper.

PID 1 loads this only then.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Decide, Look, Spawn
from sigroute.pid1.engine.events import Childless, RunNotStarted, Spawned
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.kernel.starts import Starts, own

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Kill, Run
    from sigroute.pid1.engine.events import Event, Exited, Process
    from sigroute.pid1.kernel.channels import Channels
    from sigroute.pid1.kernel.options import StartOptions
    from sigroute.pid1.kernel.start import Start
    from sigroute.pid1.kernel.watches import Watches
    from sigroute.pid1.plan import Plan


class FurtherStarts(Starts):
    """Starts programs, and sees to what they have beside them."""

    def __init__(self, plan: Plan, options: StartOptions, begun: Start | CannotRunError | None) -> None:
        super().__init__(plan, options, begun)
        self.further = {Decide: self.decide, Look: self.look_at}
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
            return self.failed(effect, error)
        event = self.begin(effect, channel, outputs)
        if self.helpers is not None:
            self.helpers.started(effect.child, event.pid)
        if self.channels is not None and channel is not None:
            if isinstance(event, Spawned):
                self.channels.listen(channel, event.pid)
            else:
                self.channels.drop(effect.child)
        return event

    def run(self, effect: Run) -> Event:
        """Start the command of an action, or a probe."""
        if effect.file and self._is_starting(effect.child):
            return RunNotStarted(run=effect.run, reason="what an earlier life has left may still be there")
        return super().run(effect)

    def _is_starting(self, child: int) -> bool:
        """Tell whether a child has not come to its exec, for all we know."""
        self.look()
        return any(isinstance(effect, Spawn) and effect.child == child for _, effect in self.late.values())

    def decide(self, effect: Decide) -> Event:
        """Start the process that looks whether the conditions of a child hold."""
        from sigroute.pid1.kernel import conditions  # noqa: PLC0415 - whoever has conditions has loaded it

        child = self.plan.children[effect.child]
        avoided = self.fitting(self.options).avoided
        return self.outcome(effect, conditions.begin(child.only_if, own(child), avoided))

    def keep(self, due: int | None) -> int | None:
        """See to pipes, sockets and the helper; return when PID 1 must wake up for them, at ``due`` at the latest."""
        due = super().keep(due)
        due = due if self.channels is None else self.channels.keep(due)
        return due if self.helpers is None else self.helpers.keep(due)

    def overdue(self) -> Event | None:
        """Return the exit of a task that was withheld for too long."""
        return None if self.helpers is None else self.helpers.overdue()

    def fitting(self, options: StartOptions) -> StartOptions:
        """Return the options for a start: no process gets the pid of a task whose exit is withheld."""
        withheld = self.withheld()
        return options.but(avoided=withheld) if withheld else options

    def withheld(self) -> frozenset[int]:
        """Return the pids whose exit is withheld."""
        return frozenset() if self.helpers is None else self.helpers.withheld()

    def has_gone(self, effect: Kill) -> bool:
        """Tell whether a signal is for a process that has ended, although the engine does not know of it yet."""
        return self.helpers is not None and self.helpers.signalled(effect.pid, effect.signal)

    def look_at(self, effect: Look) -> Event | None:
        """Start a look at a path that is watched."""
        return None if self.watches is None else self.watches.look(effect)

    def listed(self, processes: tuple[Process, ...] | None) -> tuple[Process, ...] | None:
        """Return a list of processes without those that are no business of the engine."""
        processes = super().listed(processes)
        hidden = set() if self.watches is None else {*self.watches.pids()}
        if self.helpers is not None and processes:
            hidden |= {*self.helpers.pids(), *strangers(self.helpers.withheld(), processes)}
        return tuple([each for each in processes if each.pid not in hidden]) if hidden and processes else processes

    def fate(self, event: Exited) -> Event:
        """Return the event for an exit: of a helper, of a failed start, or as it is."""
        told = super().fate(event)
        if self.helpers is not None and told is not event:
            self.helpers.not_started(told)
        elif self.helpers is not None and (ended := self.helpers.ended(event)) is not None:
            return ended
        if self.channels is not None:
            self.channels.ended(event.pid)
        return told

    def nothing(self) -> Childless | None:
        """Return the event where no child process has ended: Childless if only helpers are left."""
        self.look()
        if self.control is not None and not self.withheld():
            return self.control.alone([] if self.helpers is None else self.helpers.pids())
        return Childless() if self.helpers is not None and self.helpers.are_alone() else None

    def finish(self) -> None:
        """Clear up at the end, and have the last lines written."""
        super().finish()
        if self.helpers is not None:
            self.helpers.finish()

    def last_lines(self, child: int) -> str:
        """Return the last lines that a task has written, or words for where they are."""
        to = self.plan.children[child].world.output
        if to not in (b"inherit", b"tag"):
            return "not kept (output = null)" if to == b"null" else f"see {to.decode('utf-8', 'replace')}"
        lines = None if self.helpers is None else self.helpers.last_lines(child)
        return "see above" if lines is None else lines or "none"


def strangers(withheld: frozenset[int], processes: tuple[Process, ...]) -> set[int]:
    """Return the pids of those that have the pid of a task whose exit is withheld, and of all below them.

    That task has ended. So what it had started has another parent by now.
    """
    found = set(withheld)
    while more := {each.pid for each in processes if each.parent in found} - found:
        found |= more
    return found
