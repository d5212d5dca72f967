"""The answer of ``sigroute metrics``: OpenMetrics text, of the counts and the state of PID 1.

METRICS is all of it; docs/metrics.md has the same table. What is counted by signal has a sample once it has happened;
what is told of a child alone has one from the beginning.
"""

from __future__ import annotations

from sigroute.pid1.control.openmetrics import Metric, family, seconds
from sigroute.pid1.control.status import is_ready, state_of
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.effects import NOBODY
from sigroute.pid1.engine.life import ALIVE
from sigroute.pid1.kernel import below, clock, proc, surroundings
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.pid1.control.counts import Counts
    from sigroute.pid1.control.openmetrics import Labels, Sample
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan


class Known:
    """What is known of PID 1."""

    def __init__(self, plan: Plan, state: State, now: int, counts: Counts) -> None:
        self.draft = Draft(plan, state, now)
        self.counts = counts
        self.names = [child.name for child in plan.children]

    def name(self, index: int) -> str:
        """Return a child's name; nothing for a process that nobody declared."""
        return "" if index == NOBODY else self.names[index]


def text(plan: Plan, state: State, now: int, counts: Counts) -> str:
    """Return all metrics."""
    known = Known(plan, state, now, counts)
    return "".join([family(each, each.samples(known)) for each in METRICS]) + "# EOF\n"


def counted(kinds: tuple[str, ...], labels: Callable[..., Labels | None]) -> Callable[[Known], Iterator[Sample]]:
    """Return a function to the counters of these kinds of keys (counts.py).

    :param labels: returns the labels for the rest of a key; None: it is not meant.
    """

    def samples(known: Known) -> Iterator[Sample]:
        found: dict[Labels, int] = {}
        for key, number in known.counts.totals.items():
            values = labels(known, *key[1:]) if key[0] in kinds else None
            if values is not None:
                found[values] = found.get(values, 0) + number
        for values in sorted(found):
            yield "_total", values, str(found[values])

    return samples


def of_arrival(_known: Known, signal: int, sender: str) -> Labels:
    """Return the labels of a signal that arrived."""
    return name_of(signal), sender


def of_sent(known: Known, child: int, signal: int) -> Labels:
    """Return the labels of a signal for a child."""
    return known.name(child), name_of(signal)


def of_dropped(known: Known, what: str, child: int, signal: int) -> Labels | None:
    """Return the labels of a signal that a child does not get."""
    return (known.name(child), name_of(signal), REASONS[what]) if what in REASONS else None


def of_held(known: Known, what: str, child: int, signal: int) -> Labels | None:
    """Return the labels of a signal that is held."""
    return (known.name(child), name_of(signal)) if what == "held" else None


def of_reaped(_known: Known, owner: bool | None) -> Labels:  # noqa: FBT001 - it is a part of a key
    """Return the labels of a process that was reaped."""
    return ({None: "adopted", False: "child", True: "command"}[owner],)


def of_each(value: Callable[[Known, int], str | None], suffix: str = "") -> Callable[[Known], Iterator[Sample]]:
    """Return a function to a sample of each child.

    :param value: returns its value; None: it has none.
    """

    def samples(known: Known) -> Iterator[Sample]:
        for index, name in enumerate(known.names):
            found = value(known, index)
            if found is not None:
                yield suffix, (name,), found

    return samples


def total(known: Known, *key: str | int) -> int:
    """Return how often something has happened; or for how many milliseconds, where the key ends so."""
    return known.counts.totals.get(key, 0)


def starts(known: Known, index: int) -> str:
    """Return how many processes were made for a child."""
    return str(total(known, "Spawned", index))


def failures(known: Known, index: int) -> str:
    """Return how many starts of a child have failed."""
    return str(total(known, "NotSpawned", index))


def restarts(known: Known, index: int) -> str:
    """Return how often a child was to be started again."""
    return str(total(known, "Say", "comes-back", index, 0))


def begun(known: Known, index: int) -> str:
    """Return how many stop actions of a child have begun."""
    return str(total(known, "stop", index) + (index in known.counts.stops))


def stops(known: Known) -> Iterator[Sample]:
    """Yield how many stops of each child have ended, and how long they took."""
    for index, name in enumerate(known.names):
        yield "_count", (name,), str(total(known, "stop", index))
        yield "_sum", (name,), seconds(total(known, "stop", index, "ms"))


def waited(known: Known, index: int) -> str:
    """Return for how long the stops of a child have waited for others."""
    return seconds(total(known, "wait", index, "ms"))


def ready(known: Known, index: int) -> str:
    """Return whether a child is ready."""
    return str(int(is_ready(known.draft, index)))


def up(known: Known, index: int) -> str:
    """Return whether a child has a process."""
    return str(int(known.draft.children[index].phase in ALIVE))


def status(known: Known, index: int) -> str | None:
    """Return the last exit status of a child, if it has one."""
    found = known.draft.children[index].status
    return None if found is None else str(found)


def states(known: Known) -> Iterator[Sample]:
    """Yield which of its states sigroute is in."""
    now = state_of(known.draft)
    for each in ("starting", "running", "stopping", "draining"):
        yield "", (each,), str(int(each == now))


def started(_known: Known) -> Iterator[Sample]:
    """Yield when sigroute was started; nothing if /proc can't be read."""
    me = proc.process(surroundings.parent_pid())
    if me is not None:
        yield "", (), seconds(clock.wall() - below.age(me))


#: Why a signal is dropped, by the line of the log that says so.
REASONS = {
    "dropped": "rule",
    "protected": "handler",
    "too-early": "unstarted",
    "duplicate": "duplicate",
    "ignored": "repeat",
    "held-already": "held",
}

METRICS = (
    Metric(
        name="sigroute_signals_received", kind="counter", labels=("signal", "sender"),
        help="Signals that have arrived, by who has sent them: outside, inside, tty.",
        samples=counted(("Signal",), of_arrival),
    ),
    Metric(
        name="sigroute_signals_sent", kind="counter", labels=("child", "signal"),
        help="Signals that were sent to a child, its group or a process of its tree. Without a child: to what is left.",
        samples=counted(("Kill", "KillOther"), of_sent),
    ),
    Metric(
        name="sigroute_signals_escalated", kind="counter", labels=("child", "signal"),
        help="Those of them that came in a later step of an action, and KILL at the end of grace or in the drain.",
        samples=counted(("later",), of_sent),
    ),
    Metric(
        name="sigroute_signals_failed", kind="counter", labels=("child", "signal"),
        help="Those of them that the kernel has refused to send.",
        samples=counted(("NotSent",), of_sent),
    ),
    Metric(
        name="sigroute_signals_dropped", kind="counter", labels=("child", "signal", "reason"),
        help="Signals that a child did not get: a rule drops them; it has no handler and would die; it is unstarted;"
        " a duplicate; a repeat while the action is under way; one is held already.",
        samples=counted(("Say",), of_dropped),
    ),
    Metric(
        name="sigroute_signals_held", kind="counter", labels=("child", "signal"),
        help="Signals that were held until a child runs its program.",
        samples=counted(("Say",), of_held),
    ),
    Metric(
        name="sigroute_processes_reaped", kind="counter", labels=("kind",),
        help="Processes that were reaped: a child, a command of an action, or adopted.",
        samples=counted(("Exited",), of_reaped),
    ),
    Metric(
        name="sigroute_child_starts", kind="counter", labels=("child",),
        help="Processes that were made for a child.",
        samples=of_each(starts, "_total"),
    ),
    Metric(
        name="sigroute_child_start_failures", kind="counter", labels=("child",),
        help="Starts of a child that have failed.",
        samples=of_each(failures, "_total"),
    ),
    Metric(
        name="sigroute_child_restarts", kind="counter", labels=("child",),
        help="Ends of a child after which it is started again, by its rules or as somebody has asked for it.",
        samples=of_each(restarts, "_total"),
    ),
    Metric(
        name="sigroute_child_stops", kind="counter", labels=("child",),
        help="Stops of a child that have begun.",
        samples=of_each(begun, "_total"),
    ),
    Metric(
        name="sigroute_child_stop_seconds", kind="summary", labels=("child",), unit="seconds",
        help="How long a child took from the beginning of its stop until it had exited.",
        samples=stops,
    ),
    Metric(
        name="sigroute_child_stop_waited_seconds", kind="counter", labels=("child",), unit="seconds",
        help="The part of that in which the stop waited for other children.",
        samples=of_each(waited, "_total"),
    ),
    Metric(
        name="sigroute_child_up", kind="gauge", labels=("child",),
        help="Whether a child has a process.",
        samples=of_each(up),
    ),
    Metric(
        name="sigroute_child_ready", kind="gauge", labels=("child",),
        help="Whether a child is ready; whether a task is done.",
        samples=of_each(ready),
    ),
    Metric(
        name="sigroute_child_exit_status", kind="gauge", labels=("child",),
        help="The last exit status of a child: its exit code, or 128 and the signal. Not there before its first exit.",
        samples=of_each(status),
    ),
    Metric(
        name="sigroute_state", kind="stateset", labels=("sigroute_state",),
        help="What sigroute does: it is starting, running, stopping or draining.",
        samples=states,
    ),
    Metric(
        name="sigroute_start_time_seconds", kind="gauge", labels=(), unit="seconds",
        help="When sigroute was started, in seconds since 1970.",
        samples=started,
    ),
)  # fmt: skip
"""In the order in which they are told."""
