"""What the laws read of the state that no event and no effect shows: a rebuild of the engine touches this file.

Laws speak of events, effects, the clock and the plan, and remember what they have seen (memory.py). Of the state they
read besides, by name and for a reason:

* of an action under way (``UnderWay``): which one it is, what started it, what it has still to do, and what for it
  waits. Only its signals and waits are effects, and these name an entry: two actions may be of the same one;
* of a command (``Command``): which action it is for, and whether it has been given up;
* of a child (in the laws themselves): its phase and generation, its pid, whether it is stopped, who is in its tree,
  whether its program is below it, what waits for a look or is held (guarantee 1: what is not acted on is kept);
* of all (likewise): whose pids are whose, whether there is a /proc, what could not be read or is awaited, and that the
  stop and the drain are under way.

No law reads when anything is due, how often it was tried, or which arrivals were counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sigroute.pid1.engine.life import EXITED
from sigroute.pid1.engine.state import AFTER, COMMAND, SENDING, Arrival, is_busy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.state import Child, State
    from sigroute.pid1.plan import Step


class UnderWay(NamedTuple):
    """An action under way for a child, as far as laws know of it."""

    id: int
    action: int
    arrival: Arrival
    generation: int
    is_stop: bool
    awaits_others: bool
    """It is in its ``after``."""
    awaits_command: bool
    sends: bool
    """It is in its ``send``."""
    left: tuple[Step, ...]
    """The steps that it has not taken."""
    asked: bool
    """It has asked for a look, and goes on when that is there."""
    listed: bool
    """The processes were listed for its next step."""
    repeat: bool
    """It is to be done once more."""
    owes_cont: bool
    """Should the child turn out to be stopped, it is woken."""
    told: bool
    """Its last signal went to a program below the child."""


class Command(NamedTuple):
    """A command that was run for an action."""

    child: int
    id: int
    """The action's, which may be forgotten by now."""
    action: int | None
    """Which that is; None: it is forgotten."""
    generation: int
    pid: int
    given_up: bool


def under_way_of(child: Child) -> tuple[UnderWay, ...]:
    """Return a child's actions under way."""
    return tuple(
        UnderWay(
            id=each.id,
            action=each.action,
            arrival=each.arrival,
            generation=each.generation,
            is_stop=each.is_stop,
            awaits_others=each.stage == AFTER,
            awaits_command=each.stage == COMMAND,
            sends=each.stage == SENDING,
            left=each.steps,
            asked=each.awaits_answer,
            listed=each.listed,
            repeat=each.repeat,
            owes_cont=each.cont_pending,
            told=bool(each.told_program),
        )
        for each in child.progress
    )


def commands_of(state: State, under_way: Sequence[tuple[UnderWay, ...]]) -> dict[int, Command]:
    """Return the commands by their numbers."""
    found = {}
    for number, run in state.runs.items():
        action = next((each.action for each in under_way[run.child] if each.id == run.progress), None)
        found[number] = Command(run.child, run.progress, action, run.generation, run.pid, run.kill_at_list)
    return found


def alone(state: State, index: int) -> State:
    """Return a state as it would be, had all the other children exited."""
    gone = tuple(
        each if number == index else each.but(phase=EXITED, progress=(), held=(), inbox=(), poll_at=None)
        for number, each in enumerate(state.children)
    )
    runs = {number: run for number, run in state.runs.items() if run.child == index}
    busy = frozenset(number for number, each in enumerate(gone) if is_busy(each))
    return state.but(children=gone, busy=busy, exited=len(gone) - 1, runs=runs)
