"""The routing table of a plan, for people: signals down, children across."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sigroute.language.read.action_text import format_steps
from sigroute.language.read.durations import format_duration
from sigroute.language.read.signals import UNRECEIVABLE
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import FAULTS, RTMAX, RTMIN, STANDARD, name_of
from sigroute.pid1.plan import ANY_SIGNAL, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.plan import Action, Plan, Step

    Columns = dict[str, list[tuple[int | None, ...]]]

#: The senders that people think of: sigroute itself is left out.
SHOWN_SENDERS = SENDERS[:3]

#: All signals but KILL, STOP, CHLD and those that the C library reserves (signal(7)).
RECEIVED = frozenset(range(1, RTMAX + 1)) - UNRECEIVABLE.keys()

#: Signals that leave a core by default (signal(7)).
DUMP_CORE = FAULTS | {STANDARD[name] for name in ("QUIT", "XCPU", "XFSZ")}

#: The most children that a cell names for `after`, and the most kinds of repeats.
MOST_SHOWN = 8

#: A chain of up to MOST_STEPS is shown whole; of a longer one SHOWN_STEPS are, and the others are counted.
MOST_STEPS = 12
SHOWN_STEPS = 8

#: Characters of a name, a command or a place: a rule for thousands of children repeats them in each cell.
LONGEST = 100

#: The default, but for signals that dump core: it spares a child that has no handler.
GUARDED = "forward, unless it would kill"

#: The default for a lone child, of stop signals other than TERM.
AS_TERM = "forward, or TERM where it handles that alone"

#: The cell of a child that is never in this phase.
NEVER = "-"


def tables(plan: Plan) -> Iterator[str]:
    """Yield the routing table, and the one that applies while a child is starting."""
    yield from table(plan, "signal", [child.running for child in plan.children])
    if any(child.program for child in plan.children):
        yield ""
        starting = [child.starting if child.program else None for child in plan.children]
        yield from table(plan, "while starting", starting)


def table(plan: Plan, title: str, indexes: Sequence[int | None]) -> Iterator[str]:
    """Yield the lines of a table: signals down, children across, in each cell the action and where it is written.

    :param indexes: by child, the table of the plan that applies; None: the child is never in this phase.
    """
    columns = columns_of(plan, indexes)
    named = {signal for signal in RECEIVED if signal in plan.stop_signals or is_written(plan, columns, signal)}
    others = RECEIVED - named
    rows = [[title, *(cut(printable(child.name)) for child in plan.children)]]
    rows += [[", ".join(shortened(labels)), *cells] for cells, labels in grouped(plan, columns, named).items()]
    for label, action, those in (
        ("others that dump core", "forward", others & DUMP_CORE),
        ("all others", GUARDED, others - DUMP_CORE),
    ):
        if those:
            rows.append([label, *(NEVER if index is None else f"{action} [default]" for index in indexes)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(map(str.ljust, row, widths)).rstrip()


def columns_of(plan: Plan, indexes: Sequence[int | None]) -> Columns:
    """Return the numbers of all children's actions, by sender, then by signal; None: the child is never in this phase.

    There may be thousands of children, so what follows handles each action once, and each row of numbers as a whole.
    """
    never = (None,) * (RTMAX + 1)
    return {
        sender: list(zip(*(never if index is None else plan.tables[index][sender] for index in indexes), strict=True))
        for sender in SHOWN_SENDERS
    }


def is_written(plan: Plan, columns: Columns, signal: int) -> bool:
    """Tell whether any rule is for this signal."""
    numbers = {number for by_signal in columns.values() for number in set(by_signal[signal]) if number is not None}
    return any(plan.actions[number].origin != "default" for number in numbers)


def shortened(labels: Sequence[str]) -> Iterator[str]:
    """Yield the labels, with each run of real-time signals shortened to ``RTMIN+4 to RTMAX``."""
    numbers = {name_of(number): number for number in range(RTMIN, RTMAX + 1)}
    row: list[str] = []
    for label in labels:
        if row and numbers.get(label) != numbers.get(row[-1], RTMAX) + 1:
            yield from spelled(row)
            row = []
        row.append(label)
    yield from spelled(row)


def spelled(row: Sequence[str]) -> Iterator[str]:
    """Yield the labels of a run, or its two ends if it is longer."""
    yield from row if len(row) < 3 else [f"{row[0]} to {row[-1]}"]  # noqa: PLR2004 - the ends


def grouped(plan: Plan, columns: Columns, signals: set[int]) -> dict[tuple[str, ...], list[str]]:
    """Return the signals' labels by their row of cells: ``TERM``, or ``TERM@tty`` if the sender makes a difference."""
    texts: dict[int | None, str] = {number: cell(plan, action) for number, action in enumerate(plan.actions)}
    texts[None] = NEVER
    found: dict[tuple[str, ...], list[str]] = {}
    for signal in sorted(signals, key=lambda number: (number not in plan.stop_signals, number)):
        by_sender = {sender: tuple(map(texts.__getitem__, by_signal[signal])) for sender, by_signal in columns.items()}
        same = len(set(by_sender.values())) == 1
        for sender, cells in by_sender.items():
            label = name_of(signal) if same else f"{name_of(signal)}@{sender}"
            if label not in found.setdefault(cells, []):
                found[cells].append(label)
    return found


def cell(plan: Plan, action: Action) -> str:
    """Return an action and where it is written."""
    return printable(f"{spell(plan, action)} [{cut(action.origin)}]")


def cut(text: str) -> str:
    """Return a long text without its middle."""
    half = (LONGEST - len("...")) // 2
    return text if len(text) <= LONGEST else f"{text[:half]}...{text[-half:]}"


def format_chain(steps: tuple[Step, ...]) -> str:
    """Return steps as a string, of a long chain only the first ones."""
    if len(steps) <= MOST_STEPS:
        return format_steps(steps)
    return f"{format_steps(steps[:SHOWN_STEPS])} ... and {len(steps) - SHOWN_STEPS:,} more steps"


def spell(plan: Plan, action: Action) -> str:
    """Return an action in the words of the rule language."""
    if action.do == "hold":
        bound = "" if action.hold is None else f" {format_duration(action.hold)}, else {format_chain(action.otherwise)}"
        return f"hold{bound}"
    if action.do == "drop":
        return "drop"
    if action.guard:
        return AS_TERM if action.is_stop else GUARDED
    parts = []
    if action.after:
        names = [cut(plan.children[index].name) for index in action.after[:MOST_SHOWN]]
        more = len(action.after) - MOST_SHOWN
        parts.append("after " + ", ".join(names) + (f" and {more} more:" if more > 0 else ":"))
    if action.run:
        parts.append(f"run {cut(shlex.join(word.decode('utf-8', 'replace') for word in action.run))}, then")
    parts.append(format_chain(action.steps))
    if action.otherwise:
        parts.append(f"else {format_chain(action.otherwise)}")
    if action.scope != "program":
        parts.append(f"to the {action.scope}")
    return " ".join(parts) + format_again(action)


def format_again(action: Action) -> str:
    """Return what repeats do, if they are not ignored: ``(again: next; KILL on INT)``."""
    rest = format_how(action.again.get(ANY_SIGNAL, "ignore"))
    named: dict[str, list[str]] = {}
    for signal, how in sorted(action.again.items()):
        if signal != ANY_SIGNAL and format_how(how) != rest:
            named.setdefault(format_how(how), []).append(name_of(signal))
    # If the action only forwards, to repeat it says nothing new.
    told = [] if rest == "ignore" or rest == format_chain(action.steps) == "forward" else [rest]
    told += [f"{how} on {', '.join(signals)}" for how, signals in named.items()]
    if len(told) > MOST_SHOWN:
        told[MOST_SHOWN:] = [f"and {len(told) - MOST_SHOWN} more"]
    return f" (again: {'; '.join(told)})" if told else ""


def format_how(how: str | tuple[Step, ...]) -> str:
    """Return a value of ``again`` in the words of the rule language."""
    return how if isinstance(how, str) else format_chain(how)
