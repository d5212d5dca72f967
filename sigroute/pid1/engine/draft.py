"""The working copy of the state during one step, and the effects that the step has produced so far."""

from __future__ import annotations

from sigroute.pid1.engine.effects import NOBODY, Kill, KillOther, List, Say, Spawn
from sigroute.pid1.engine.life import ALIVE, EXITED, LINGERING, RUNNING, SPAWN, UNSTARTED, move
from sigroute.pid1.engine.state import is_busy
from sigroute.pid1.names import STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Below, Process
    from sigroute.pid1.engine.state import Arrival, Child, Owner, Progress, RunState, State
    from sigroute.pid1.engine.tree import Forest
    from sigroute.pid1.plan import Action, Plan

KILL = STANDARD["KILL"]


class Draft:
    """One step's working copy."""

    def __init__(self, plan: Plan, state: State, now: int) -> None:
        self.plan = plan
        self.before = state
        #: The state with the changes so far, except those of the children.
        self.state = state
        #: The time of the event, in milliseconds.
        self.now = now
        #: The children with the changes so far. The first change copies them: most events change one child or none, and
        #: there may be a thousand.
        self.children: Sequence[Child] = state.children
        #: The children that have changed, by index.
        self.touched: set[int] = set()
        self.effects: list[Effect] = []
        #: The process list, if the event brought one.
        self.processes: Forest | None = None
        #: The list could not be read several times in a row: this step goes on without it.
        self.unlisted = False
        #: By child: the processes of the program below it, if the event brought them.
        self.programs: dict[int, tuple[Below, ...]] = {}

    def set(self, **changes: object) -> None:
        """Change fields of the state; ``change`` and ``move`` change the children."""
        if any(getattr(self.state, name) is not value for name, value in changes.items()):
            self.state = self.state.but(**changes)

    def finish(self) -> State:
        """Return the state after the event; it is the same object as before if nothing has changed."""
        if self.touched:
            busy = self.state.busy
            turned = {index for index in self.touched if is_busy(self.children[index]) != (index in busy)}
            self.set(children=tuple(self.children), busy=busy ^ turned if turned else busy, exited=self.exited())
        return self.state

    def emit(self, effect: Effect) -> None:
        """Add an effect, to be performed after the step."""
        self.effects.append(effect)

    def say(  # noqa: PLR0913, PLR0917 - the fields of Say
        self,
        what: str,
        child: int = NOBODY,
        signal: int = 0,
        origin: str = "",
        number: int = 0,
        wait: int = 0,
        text: str = "",
    ) -> None:
        """Add a message for observers; ``what`` is a name in ``messages.MESSAGES``."""
        self.emit(Say(what=what, child=child, signal=signal, origin=origin, number=number, wait=wait, text=text))

    def kill_other(self, process: Process, signal: int, child: int, origin: str) -> None:
        """Send a signal to a process of the list, which sigroute may not have started."""
        fresh = self.processes is not None  # sigroute reaps nothing during a step
        known = fresh or (child != NOBODY and self.children[child].is_root(process.pid))
        ours = process.parent == self.state.own_pid and known
        self.emit(KillOther(child=child, process=process, signal=signal, origin=origin, ours=ours))

    def list_processes(self) -> None:
        """Ask for the list of processes, unless it has been asked for."""
        if not self.state.listing:
            self.set(listing=True, relist_at=None)
            self.emit(List())

    def list_again(self) -> None:
        """Ask for the list of processes at the time that was set for it: after a failure, or to check a tree."""
        self.set(listing=False)
        self.list_processes()

    def list_rested(self) -> None:
        """Ask for the list of processes to see whether a tree has ended; not at each exit, if many come at once."""
        if self.state.next_listing <= self.now:
            self.list_processes()
        else:
            self.set(relist_at=self.state.next_listing)

    def action(self, index: int) -> Action:
        """Return an action of the plan."""
        return self.plan.actions[index]

    def change(self, index: int, **changes: object) -> Child:
        """Change fields of a child, but not its phase; return the child."""
        return self._replace(index, self.children[index].but(**changes))

    def move(self, index: int, happened: str, **changes: object) -> Child:
        """Move a child along the table of life.py, and change other fields of it; a child that stays is not changed."""
        before = self.children[index]
        after = move(before, happened)
        return before if after is before else self._replace(index, after.but(since=self.now, **changes))

    def _replace(self, index: int, child: Child) -> Child:
        if not isinstance(self.children, list):
            self.children = list(self.children)
        self.children[index] = child
        self.touched.add(index)
        return child

    def exited(self) -> int:
        """Return how many children are in the phase ``exited``."""
        before = self.before.children
        turned = [(self.children[index].phase == EXITED) - (before[index].phase == EXITED) for index in self.touched]
        return self.before.exited + sum(turned)

    def exits(self) -> list[int]:
        """Return the children, in their order, that count as exited now, but did not before the event."""
        return [index for index in sorted(self.touched) if self.has_exited(index) and not self.had_exited(index)]

    def is_alive(self, index: int) -> bool:
        """Tell whether the child's process was started and has not been reaped."""
        return self.children[index].phase in ALIVE

    def lives(self, index: int) -> bool:
        """Tell whether the child is there: its process, or with ``exited = "tree"`` what its process has left."""
        return self._counts_as_living(index, self.children[index])

    def had_life(self, index: int) -> bool:
        """Tell whether the child was there before the event."""
        return self._counts_as_living(index, self.before.children[index])

    def _counts_as_living(self, index: int, child: Child) -> bool:
        return child.phase in ALIVE or (child.phase == LINGERING and self.plan.children[index].tree)

    def has_exited(self, index: int) -> bool:
        """Tell whether the child counts as exited; so does a child that was never started and never will be."""
        return self._counts_as_exited(index, self.children[index])

    def had_exited(self, index: int) -> bool:
        """Tell whether the child counted as exited before the event."""
        return self._counts_as_exited(index, self.before.children[index])

    def _counts_as_exited(self, index: int, child: Child) -> bool:
        lingers = child.phase == LINGERING and not self.plan.children[index].tree
        return child.phase == EXITED or (lingers and child.back_at is None)

    def spawn(self, index: int) -> None:
        """Start a child."""
        self.begin_start(index)
        self.emit(Spawn(child=index))

    def begin_start(self, index: int) -> None:
        """Begin a new life of a child."""
        self.move(index, SPAWN)
        if self.plan.children[index].restart is not None:
            self.change(index, starts=self.children[index].starts + 1, started_at=None)

    def doom(self, index: int) -> None:
        """Have a child that has failed killed with its tree, as soon as the processes are listed, if they can be."""
        self.change(index, doomed=True)
        if self.state.no_proc:
            self.kill_doomed(index)
        else:
            self.list_processes()

    def kill_doomed(self, index: int) -> None:
        """Kill such a child, and what is in its tree by the last list; what it has left is killed at each list."""
        child = self.children[index]
        if not (child.doomed and self.lives(index)):
            return
        if self.is_alive(index):
            self.change(index, doomed=self.plan.children[index].tree)
            self.emit(Kill(child=index, pid=child.pid, signal=KILL, group=True, origin="failed"))
        for process in child.members:
            self.kill_other(process, KILL, index, "failed")

    def is_end_task(self, index: int) -> bool:
        """Tell whether this is a task that is started at the end."""
        task = self.plan.children[index].task
        return task is not None and task.at_end

    def is_left_out(self, index: int) -> bool:
        """Tell whether a child is left out: a condition of it does not hold."""
        return self.children[index].included is False

    def say_once(self, index: int, what: str, *, number: int = 0, text: str = "") -> None:
        """Tell this once in each life of a child."""
        told = self.children[index].told
        if what not in told:
            self.change(index, told=told | {what})
            self.say(what, index, number=number, text=text)

    def may_end_all(self, index: int) -> bool:
        """Tell whether a child's exit may end the container: it is no task, and not left out."""
        return self.plan.children[index].task is None and not self.is_left_out(index)

    def is_absent(self, index: int) -> bool:
        """Tell whether the child has no process, and may get one: it waits, or it comes back."""
        child = self.children[index]
        return child.phase in UNSTARTED or child.back_at is not None

    def lookup(self, index: int, arrival: Arrival) -> int:
        """Return the action that applies to this child for this signal, in its present phase."""
        child = self.plan.children[index]
        runs = self.children[index].phase in (RUNNING, LINGERING) or not child.program
        table = self.plan.tables[child.running if runs else child.starting]
        return table[arrival.sender][arrival.signal]

    def progress(self, index: int, id_: int) -> Progress | None:
        """Return the action under way that has this id."""
        for each in self.children[index].progress:
            if each.id == id_:
                return each
        return None

    def put(self, index: int, progress: Progress) -> None:
        """Store an action under way: in the place of the stored one with the same id, or as a new one."""
        self.set(last_id=max(self.state.last_id, progress.id))
        if not progress.last_arrivals:
            progress = progress.but(last_arrivals={progress.arrival.signal: self.now})
        old = self.children[index].progress
        kept = [progress if each.id == progress.id else each for each in old]
        if self.progress(index, progress.id) is None:
            kept.append(progress)
        self.change(index, progress=tuple(kept))

    def forget(self, index: int, id_: int) -> None:
        """Forget an action under way, but not the command that it waits for."""
        if self.progress(index, id_) is None:
            return
        kept = tuple([each for each in self.children[index].progress if each.id != id_])
        self.change(index, progress=kept)

    def put_run(self, id_: int, run: RunState) -> None:
        """Store a command that was started."""
        self.set(runs={**self.state.runs, id_: run})

    def forget_run(self, id_: int) -> None:
        """Forget a command that has ended."""
        self.set(runs={key: run for key, run in self.state.runs.items() if key != id_})

    def own(self, pid: int, child: int, run: int = 0) -> None:
        """Note that this pid belongs to a child, or to a command of the child; it does until the process is reaped."""
        generation = self.state.runs[run].generation if run else self.children[child].generation
        self.set(owners={**self.state.owners, pid: (child, generation, run)})

    def disown(self, pid: int) -> Owner | None:
        """Note that the process with this pid was reaped; return its owner, or None if it had none."""
        owner = self.state.owner(pid)
        if owner is not None:
            owners = self.state.owners.copy()
            del owners[pid]
            self.set(owners=owners)
        return owner

    def child_of(self, pid: int) -> int:
        """Return the child that has this pid in its present life, or NOBODY."""
        owner = self.state.owner(pid)
        if owner is None or owner.run or owner.generation != self.children[owner.child].generation:
            return NOBODY
        return owner.child

    def next_id(self) -> int:
        """Return a new number for an action or a command."""
        self.set(last_id=self.state.last_id + 1)
        return self.state.last_id
