"""The engine's answers that the watch may give: those that leave the state as it is, whatever the time.

The engine is a function of its state, the event and the time. So such an answer holds until the state changes, and an
engine that has not seen the signal is in the same state as one that has.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Inspect, Kill, Say
from sigroute.pid1.engine.events import Inspected, Signal
from sigroute.pid1.engine.step import step
from sigroute.pid1.record import Record
from sigroute.pid1.watch.unchanged import AnyTime, TimeAskedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

    Step = tuple[Event, Sequence[Effect]]

#: What an entry of the table says (runtime/src/table.h): ask the engine; send a signal, or none; send it if the child
#: handles it, else ask the engine.
ASK, SEND, GUARDED = range(3)


class Answer(Record):
    """What is done for a signal while the state stays as it is."""

    kind: int = ASK
    signal: int = 0
    """The signal to send; 0: none is sent."""
    group: bool = False
    """It is sent to the receiver's process group."""
    pid: int = 0
    """The receiver."""
    steps: tuple[Step, ...] = ()
    """Each event with its effects, for the log."""


#: The engine must see the signal.
ASKED = Answer()


def answer(plan: Plan, state: State, event: Signal) -> Answer:
    """Return what is done for a signal in this state."""
    try:
        return _answer(plan, state, event)
    except TimeAskedError:
        return ASKED


def _answer(plan: Plan, state: State, event: Signal) -> Answer:
    now = AnyTime()
    after, effects = step(plan, state, event, now)
    steps: list[Step] = [(event, effects)]
    kind = SEND
    looks = [each for each in effects if isinstance(each, Inspect)]
    if len(looks) == 1 == len(effects) and not (looks[0].names or looks[0].left):
        kind = GUARDED
        seen = Inspected(child=looks[0].child, names=(), handled=1 << event.signal - 1)
        after, effects = step(plan, after, seen, now)
        steps.append((seen, effects))
    kills = [each for each in effects if isinstance(each, Kill)]
    others = [each for each in effects if not isinstance(each, (Kill, Say))]
    if after != state or others or len(kills) > 1 or (kind == GUARDED and not is_for(kills, event)):
        return ASKED
    if not kills:
        return Answer(kind=kind, steps=tuple(steps))
    sent = kills[0]
    return Answer(kind=kind, signal=sent.signal, group=sent.group, pid=sent.pid, steps=tuple(steps))


def is_for(kills: Sequence[Kill], event: Signal) -> bool:
    """Tell whether the only signal that is sent is the one that arrived: only its handler was looked at."""
    return [each.signal for each in kills] == [event.signal]
