"""The state while one event is being worked on: a copy that may be changed, and the effects so far."""

from __future__ import annotations

from sigroute.pid1.engine.effects import NOBODY, KillOther, List, Say
from sigroute.pid1.engine.state import EXITED, LINGERING, READY, STARTING, is_busy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Below, Process
    from sigroute.pid1.engine.state import Arrival, Child, Progress, RunState, State
    from sigroute.pid1.engine.tree import Forest
    from sigroute.pid1.plan import Action, Plan

#: What a state has beside its children.
PARTS = (
    *("untried", "owners", "runs", "serial", "listing", "took", "rested", "relook", "unread"),
    *("me", "stop", "drain", "culprit", "blind", "ended"),
)


class Draft:
    """One step's working copy. Only what an event touches is copied."""

    #: Whether the step has asked for the time: if not, and if it changes nothing, it will be the same at any time.
    timeless = True

    def __init__(self, plan: Plan, state: State, now: int) -> None:
        self.plan = plan
        self.before = state
        self._now = now
        #: A list from the first change on.
        self.children: Sequence[Child] = state.children
        self.untried = state.untried
        self.owners = state.owners
        self.runs = state.runs
        self.serial = state.serial
        self.listing = state.listing
        self.took = state.took
        self.rested = state.rested
        self.relook = state.relook
        self.me = state.me
        self.unread = state.unread
        self.stop = state.stop
        self.drain = state.drain
        self.culprit = state.culprit
        self.blind = state.blind
        self.ended = state.ended
        self.effects: list[Effect] = []
        #: The children that have changed, by index.
        self.touched: set[int] = set()
        #: The process list, during the step of the event that brought it.
        self.processes: Forest | None = None
        #: It could not be read so often that this step goes on without.
        self.unlisted = False
        #: By child, where its program runs below it: its processes, during the step of the event that brought them.
        self.programs: dict[int, tuple[Below, ...]] = {}

    @property
    def now(self) -> int:
        """The time of the step, in milliseconds."""
        self.timeless = False
        return self._now

    def finish(self) -> State:
        """Return the state after the event: the one before it, where nothing has changed."""
        before = self.before
        changes: dict[str, object] = {}
        for name in PARTS:
            value = getattr(self, name)
            if value is not getattr(before, name):
                changes[name] = value
        if self.touched:
            changes["children"] = tuple(self.children)
            turned = {index for index in self.touched if is_busy(self.children[index]) != (index in before.busy)}
            if turned:
                changes["busy"] = before.busy ^ turned
            if self.gone() != before.gone:
                changes["gone"] = self.gone()
        return before.but(**changes) if changes else before

    def emit(self, effect: Effect) -> None:
        """Have this done after the step."""
        self.effects.append(effect)

    def say(  # noqa: PLR0913, PLR0917 - the fields of Say
        self, what: str, child: int = NOBODY, signal: int = 0, origin: str = "", number: int = 0, text: str = ""
    ) -> None:
        """Have this told; ``what`` is a name in ``narrate.MESSAGES``."""
        self.emit(Say(what=what, child=child, signal=signal, origin=origin, number=number, text=text))

    def kill_other(self, process: Process, signal: int, child: int, origin: str) -> None:
        """Send a signal to a process of the list that no effect has started."""
        fresh = self.processes is not None  # nobody is reaped during a step
        ours = process.parent == self.me and (fresh or (child != NOBODY and self.children[child].holds(process.pid)))
        self.emit(KillOther(child=child, process=process, signal=signal, origin=origin, ours=ours))

    def look(self) -> None:
        """Ask for the list of processes, unless it is on its way."""
        if not self.listing:
            self.listing = True
            self.relook = None
            self.emit(List())

    def look_again(self) -> None:
        """Ask for it once more: it could not be read, or a tree is to be looked at."""
        self.listing = False
        self.look()

    def look_rested(self) -> None:
        """Ask for it to see whether a tree has ended: in a storm of exits that may be asked again and again."""
        if self.rested <= self.now:
            self.look()
        else:
            self.relook = self.rested

    def action(self, index: int) -> Action:
        """Return an action of the plan."""
        return self.plan.actions[index]

    def change(self, index: int, **changes: object) -> Child:
        """Change a child; return it as it is now."""
        child = self.children[index].but(**changes)
        if not isinstance(self.children, list):
            self.children = list(self.children)
        self.children[index] = child
        self.touched.add(index)
        return child

    def gone(self) -> int:
        """Return how many children are in the phase ``exited``."""
        before = self.before.children
        turned = [(self.children[index].phase == EXITED) - (before[index].phase == EXITED) for index in self.touched]
        return self.before.gone + sum(turned)

    def exits(self) -> list[int]:
        """Return the children, in their order, that count as exited since this event."""
        return [index for index in sorted(self.touched) if self.has_exited(index) and not self.had_exited(index)]

    def is_alive(self, index: int) -> bool:
        """Tell whether the child's process runs: it was started and has not been reaped."""
        return self.children[index].phase in (STARTING, READY)

    def has_exited(self, index: int) -> bool:
        """Tell whether the child counts as exited (one that can never start any more does, too)."""
        return self._counts_as_exited(index, self.children[index])

    def had_exited(self, index: int) -> bool:
        """Tell whether it did so before the event."""
        return self._counts_as_exited(index, self.before.children[index])

    def _counts_as_exited(self, index: int, child: Child) -> bool:
        return child.phase == EXITED or (child.phase == LINGERING and not self.plan.children[index].tree)

    def lookup(self, index: int, arrival: Arrival) -> int:
        """Return the action that applies to this child for this signal, in its present phase."""
        child = self.plan.children[index]
        phase = self.children[index].phase
        ready = phase in (READY, LINGERING) or not child.program
        table = self.plan.tables[child.ready if ready else child.starting]
        return table[arrival.sender][arrival.signal]

    def progress(self, index: int, id_: int) -> Progress | None:
        """Return the action under way that has this id."""
        for each in self.children[index].progress:
            if each.id == id_:
                return each
        return None

    def put(self, index: int, progress: Progress) -> None:
        """Store an action under way, in the place of its former self if it has one."""
        self.serial = max(self.serial, progress.id)
        if not progress.counted:
            progress = progress.but(counted={progress.arrival.signal: self.now})
        old = self.children[index].progress
        kept = [progress if each.id == progress.id else each for each in old]
        if self.progress(index, progress.id) is None:
            kept.append(progress)
        self.change(index, progress=tuple(kept))

    def forget(self, index: int, id_: int) -> None:
        """Forget an action under way; a command it waits for is left alone."""
        if self.progress(index, id_) is None:
            return
        kept = tuple([each for each in self.children[index].progress if each.id != id_])
        self.change(index, progress=kept)

    def put_run(self, id_: int, run: RunState) -> None:
        """Store a command that was started."""
        self.runs = {**self.runs, id_: run}

    def forget_run(self, id_: int) -> None:
        """Forget a command that has ended."""
        self.runs = {key: run for key, run in self.runs.items() if key != id_}

    def own(self, pid: int, owner: tuple[str, int]) -> None:
        """Note whose process this pid is, until it is reaped."""
        self.owners = {**self.owners, pid: owner}

    def disown(self, pid: int) -> tuple[str, int] | None:
        """Note that this pid was reaped; return whose it was."""
        if pid not in self.owners:
            return None
        owners = self.owners.copy()
        owner = owners.pop(pid)
        self.owners = owners
        return owner

    def next_id(self) -> int:
        """Return a number that no action or command has had."""
        self.serial += 1
        return self.serial
