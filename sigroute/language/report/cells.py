"""The text of each action of a plan, for people: in the words of the rule language, with where it is written."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sigroute.language.read.action_text import format_steps
from sigroute.language.read.durations import format_duration
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import name_of
from sigroute.pid1.plan import ANY_SIGNAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.plan import Action, Plan, Step

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


def cell(plan: Plan, action: Action) -> str:
    """Return an action and where it is written."""
    return printable(f"{spell(plan, action)} [{cut(action.origin)}]")


def cut(text: str) -> str:
    """Return a long text without its middle."""
    half = (LONGEST - len("...")) // 2
    return text if len(text) <= LONGEST else f"{text[:half]}...{text[-half:]}"


def listed(plan: Plan, indices: Sequence[int]) -> str:
    """Return the names of children, of many only the first ones."""
    names = ", ".join(cut(plan.children[index].name) for index in indices[:MOST_SHOWN])
    more = len(indices) - MOST_SHOWN
    return f"{names} and {more} more" if more > 0 else names


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
        parts.append(f"after {listed(plan, action.after)}:")
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
