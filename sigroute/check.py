"""``sigroute check``: what is wrong with rule files, what they say as a table, how long a stop may take."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from sigroute.language import RuleError, examine, load, outline
from sigroute.language.compile import compiler_of
from sigroute.language.durations import spell_duration
from sigroute.language.longest import longest_stop
from sigroute.pid1.names import name_of
from sigroute.pid1.plan import ANY_SIGNAL, FORWARD, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language import Problem
    from sigroute.language.model import RuleFile
    from sigroute.pid1.plan import Action, Plan, Step

GOOD, BAD = 0, 78

#: Who a person thinks of; ``sigroute`` itself acts as TERM from nobody.
SHOWN_SENDERS = SENDERS[:3]


def check_file(name: str, *, strict: bool, stopsignal: int | None, platform_grace: int | None) -> int:
    """Print what there is to say about a rule file; return its exit code."""
    try:
        rules = load(name).rules
    except RuleError as error:
        sys.stderr.write(f"{error}\n")
        return BAD
    problems = examine(rules, stopsignal=stopsignal, platform_grace=platform_grace)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    sys.stdout.write("\n".join([f"{name}:", *table(outline(rules)), "", *ending(rules)]) + "\n")
    return BAD if fails(problems, strict=strict) else GOOD


def fails(problems: Sequence[Problem], *, strict: bool) -> bool:
    """Tell whether these make the file unfit: errors do, and with ``strict`` all."""
    return any(strict or not problem.warning for problem in problems)


def ending(rules: RuleFile) -> Iterator[str]:
    """Yield what a stop takes, and what limits it."""
    longest = longest_stop(compiler_of(rules))
    yield f"longest stop: {spell_duration(longest.milliseconds)} ({longest})"
    if rules.grace is None:
        yield "grace: none; only the platform's own limit ends a stop that takes longer"
    else:
        yield f"grace: {spell_duration(rules.grace)}, then all that is left is killed"


def table(plan: Plan) -> list[str]:
    """Return the routing table: signals down, children across, in each cell the action and its origin."""
    head = ["signal", *(child.name for child in plan.children)]
    rows = [[label, *cells] for label, cells in lines(plan)]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    return [
        "  ".join(word.ljust(width) for word, width in zip(row, widths, strict=True)).rstrip() for row in [head, *rows]
    ]


def lines(plan: Plan) -> Iterator[tuple[str, list[str]]]:
    """Yield a label and a cell for each child; what only the default says is summed up at the end."""
    for phase in ("ready", "starting"):
        before: tuple[str, list[str]] | None = None
        for signal in sorted(plan.stop) + [number for number in range(1, 65) if number not in plan.stop]:
            for sender in SHOWN_SENDERS:
                cells, own = row(plan, phase, signal, sender)
                same = before is not None and before[0] == name_of(signal) and before[1] == cells
                if own and not same:
                    at = "" if before is None or before[0] != name_of(signal) else f"@{sender}"
                    if sender == SENDERS[0] and differs(plan, phase, signal):
                        at = f"@{sender}"
                    yield name_of(signal) + at + (" while starting" if phase == "starting" else ""), cells
                    before = (name_of(signal), cells)
    yield "the rest", ["forwarded, unless it would kill [default]" for _ in plan.children]


def differs(plan: Plan, phase: str, signal: int) -> bool:
    """Tell whether it matters who sends this signal."""
    return any(row(plan, phase, signal, sender) != row(plan, phase, signal, "tty") for sender in SHOWN_SENDERS)


def row(plan: Plan, phase: str, signal: int, sender: str) -> tuple[list[str], bool]:
    """Return the cells of one signal from one sender, and whether any of them is worth a line."""
    cells, own = [], False
    for child in plan.children:
        if phase == "starting" and not child.program:
            cells.append("-")
            continue
        action = plan.actions[plan.tables[getattr(child, phase)][sender][signal]]
        own = own or action.origin != "default" or (phase == "ready" and signal in plan.stop)
        cells.append(f"{spell(plan, action)} [{action.origin}]")
    return cells, own


def spell(plan: Plan, action: Action) -> str:
    """Return an action in the words of the rule language."""
    if action.do == "hold":
        bound = "" if action.hold is None else f" {spell_duration(action.hold)}, else {chain(action.otherwise)}"
        return f"hold{bound}"
    if action.do == "drop":
        return "drop"
    parts = []
    if action.after:
        parts.append("after " + ", ".join(plan.children[index].name for index in action.after) + ":")
    if action.run:
        parts.append("run " + b" ".join(action.run).decode("utf-8", "replace") + ", then")
    parts.append(chain(action.steps))
    if action.otherwise:
        parts.append(f"else {chain(action.otherwise)}")
    if action.scope != "process":
        parts.append(f"to the {action.scope}")
    again = {
        how if isinstance(how, str) else chain(how): signal
        for signal, how in action.again.items()
        if signal == ANY_SIGNAL
    }
    return " ".join(parts) + "".join(f" (again: {how})" for how in again if how not in ("ignore", "forward"))


def chain(steps: Sequence[Step]) -> str:
    """Return steps as they are written: ``5s QUIT 10s TERM``."""
    words = []
    for step in steps:
        if step.wait:
            words.append(spell_duration(step.wait))
        words.append("forward" if step.signal == FORWARD else name_of(step.signal))
    return " ".join(words)
