"""What the engine does in the state after the start, asked beforehand: at each signal, and at the only child's end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.pid1.engine.effects import Exit, List, Say, Spawn
from sigroute.pid1.engine.events import Begin, Exited, Listed, Process, Signal, Spawned
from sigroute.pid1.engine.state import initial
from sigroute.pid1.engine.step import step
from sigroute.pid1.exit_codes import BY_SIGNAL
from sigroute.pid1.names import STANDARD
from sigroute.pid1.plan import SENDERS
from sigroute.pid1.watch.answers import ASKED, GUARDED, SEND, Answer, answer
from sigroute.pid1.watch.texts import CHILD, CODE, SENDER, STATUS, UID, Hole

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.watch.answers import Step

SIGNALS = 64

STATUSES = 256

#: The senders of signals that arrive: the last of SENDERS is sigroute itself.
ARRIVING = SENDERS[:3]

#: Signals that are never routed: they can't be caught, mean a child's exit, or are the C library's own (signal(7)).
NOT_ROUTED = {STANDARD["KILL"], STANDARD["STOP"], STANDARD["CHLD"], 32, 33}

#: Stands for the first child's pid.
PID = Hole(CHILD, 1 << 30)

#: The process list of a container in which no other process is left.
ALONE = Listed(processes=(Process(pid=1, parent=0, group=1, session=1, state="R", start=0),), me=1, took=1)

#: The most steps from an exit to the end.
MOST_STEPS = 5


@attrs.frozen
class End:
    """How the container ends with its only child."""

    code: int
    steps: tuple[Step, ...]
    """The steps of the engine, for the log."""


@attrs.frozen
class Begun:
    """The state after the start of the first child, and the steps to it."""

    state: State
    noted: tuple[Step, ...]
    """The first step, with its notes."""
    spawned: tuple[Step, ...]


def begun(plan: Plan, *notes: str) -> Begun:
    """Return the state after the start of the only child."""
    event = Begin(notes=notes)
    state, effects = step(plan, initial(plan), event, 0)
    noted = ((event, [each for each in effects if not isinstance(each, Spawn)]),)
    spawned = Spawned(child=0, pid=PID)
    state, effects = step(plan, state, spawned, 0)
    return Begun(state, noted, ((spawned, effects),))


def answers(plan: Plan, state: State) -> Iterator[Answer]:
    """Yield what is done for each signal (0 to 64) from each sender that has one."""
    for sender in ARRIVING:
        for number in range(SIGNALS + 1):
            if number == 0 or number in NOT_ROUTED:
                yield ASKED
            else:
                yield answer(plan, state, Signal(signal=number, sender=sender, pid=Hole(SENDER), uid=Hole(UID)))


def first_signals(plan: Plan) -> Iterator[Answer]:
    """Yield what the fallback sends to the only child for each signal from each sender, as pid1/fallback.py does."""
    table = plan.tables[plan.children[0].running]
    for sender in ARRIVING:
        for number in range(SIGNALS + 1):
            action = plan.actions[table[sender][number]]
            if number == 0 or number in NOT_ROUTED or not action.steps:
                yield ASKED
                continue
            kind = GUARDED if action.guard and number not in plan.stop_signals else SEND
            group = action.scope in ("process-group", "tree")
            yield Answer(kind=kind, signal=action.steps[0].signal or number, group=group)


def ends(plan: Plan, state: State) -> tuple[list[End], list[End]] | None:
    """Return the end for each exit status (0 to 255), and for each signal (0 to 64) that has ended the only child.

    This holds if no signal has asked for a stop, and no other process is left.

    :returns: None if the container may go on even then, or if the end depends on more than the status.
    """
    if plan.drain is not None and plan.drain.scope != "tree":
        return None  # the child's group may have members that others have adopted
    exited = [end(plan, state, Exited(pid=PID, status=Hole(STATUS, status))) for status in range(STATUSES)]
    killed = [
        end(plan, state, Exited(pid=PID, status=Hole(STATUS, BY_SIGNAL + number), signal=number))
        for number in range(SIGNALS + 1)
    ]
    if None in exited or None in killed:
        return None
    return [each for each in exited if each], [each for each in killed if each]


def end(plan: Plan, state: State, event: Event) -> End | None:
    """Return the end that an exit leads to; None if it leads to none at once."""
    steps: list[Step] = []
    for _ in range(MOST_STEPS):
        state, effects = step(plan, state, event, 0)
        code = next((each.code for each in effects if isinstance(each, Exit)), None)
        steps.append((event, [Exit(code=Hole(CODE)) if isinstance(each, Exit) else each for each in effects]))
        if code is not None:
            return End(int(code), tuple(steps))
        if not only(effects, List, Say) or not any(isinstance(each, List) for each in effects):
            return None
        event = ALONE
    return None


def only(effects: Sequence[Effect], *kinds: type[Effect]) -> bool:
    """Tell whether all effects are of these kinds."""
    return all(isinstance(each, kinds) for each in effects)
