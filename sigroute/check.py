"""``sigroute check``: what is wrong with rule files, what they say as a table, how long a stop may take."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sigroute.arguments import BAD_RULES, Parser, answer, complain, word
from sigroute.language import RuleError, examine, load, outline
from sigroute.language.actions import spell_steps
from sigroute.language.compile import Compiler
from sigroute.language.durations import parse_duration, spell_duration
from sigroute.language.longest import longest_stop
from sigroute.language.problems import printable
from sigroute.language.signals import UNRECEIVABLE, parse_stopsignal
from sigroute.pid1.names import FAULTS, RTMAX, RTMIN, STANDARD, name_of
from sigroute.pid1.plan import ANY_SIGNAL, SENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language import Problem
    from sigroute.language.model import RuleFile
    from sigroute.pid1.plan import Action, ChildPlan, Plan, Step

#: Who a person thinks of; ``sigroute`` itself acts as TERM from nobody.
SHOWN_SENDERS = SENDERS[:3]

#: What can be received: not KILL, STOP, and not what the libc keeps for itself (signal(7)).
RECEIVED = frozenset(range(1, RTMAX + 1)) - UNRECEIVABLE.keys()

#: What leaves a core by default (signal(7)).
DUMP_CORE = FAULTS | {STANDARD[name] for name in ("QUIT", "XCPU", "XFSZ")}

#: Children that an action waits for, and that are named in a cell.
MOST_SHOWN = 8

#: The default's protection, which is not for signals that dump core.
GUARDED = "forward, unless it would kill"

#: The default of a stop signal but TERM, for a lone child.
AS_TERM = "forward, or TERM where it handles that alone"


def main(words: list[str]) -> int:
    """Check the files that the command line names; return the exit code."""
    options = parser().parse_args(words)
    return max(
        check_file(name, strict=options.strict, stopsignal=options.stopsignal, platform_grace=options.platform_grace)
        for name in options.files
    )


def parser() -> Parser:
    """Return the parser of ``sigroute check``."""
    made = Parser(
        "sigroute check",
        "Tell what is wrong with rule files; of a good one, what each signal does to each child.",
        epilog="Exit codes: 0 all are good, 78 one is not (with --strict: or warned of), 64 bad usage.",
    )
    made.add_argument("--strict", action="store_true", help="take warnings for errors")
    made.add_argument(
        "--stopsignal", metavar="SIG", type=word(parse_stopsignal),
        help="the image's STOPSIGNAL: an error if no stop comes of it",
    )  # fmt: skip
    made.add_argument(
        "--platform-grace", metavar="TIME", type=word(parse_duration),
        help="what the platform gives a stop, such as 10s",
    )  # fmt: skip
    made.add_argument("files", nargs="+", metavar="FILE|NAME", help="a rule file, or the name of bundled rules")
    return made


def check_file(name: str, *, strict: bool, stopsignal: int | None, platform_grace: int | None) -> int:
    """Print what there is to say about a rule file; return its exit code."""
    try:
        rules = load(name).rules
    except RuleError as error:
        complain(str(error))
        return BAD_RULES
    problems = examine(rules, stopsignal=stopsignal, platform_grace=platform_grace)
    for problem in problems:
        complain(str(problem))
    plan = outline(rules)
    answer("\n".join([f"{printable(name)}:", *tables(plan), "", terminal(plan), *ending(rules)]) + "\n")
    return BAD_RULES if fails(problems, strict=strict) else 0


def fails(problems: Sequence[Problem], *, strict: bool) -> bool:
    """Tell whether these make the file unfit: errors do, and with ``strict`` all."""
    return any(strict or not problem.warning for problem in problems)


def terminal(plan: Plan) -> str:
    """Return whose the terminal is, and what becomes of what it sends."""
    owner = next((child.name for child in plan.children if child.terminal), None)
    if owner is None:
        return "terminal, if there is one: sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules"
    return f"terminal, if there is one: {owner}'s; Ctrl-C, Ctrl-Z and a resize go to it, not by these rules"


def ending(rules: RuleFile) -> Iterator[str]:
    """Yield what a stop takes, and what limits it."""
    longest = longest_stop(Compiler(rules))
    time = spell_duration(longest.milliseconds)
    if rules.grace is None:
        yield f"longest stop: {time} ({longest}), and what programs take after their last signal"
        yield "grace: none; only the platform's own limit ends a stop that takes longer"
    else:
        yield f"longest stop: {spell_duration(rules.grace)} (grace: then all that is left is killed)"
        yield f"without grace: {time} ({longest}), and what programs take after their last signal"


def tables(plan: Plan) -> Iterator[str]:
    """Yield the routing table, and the one that applies while a child is starting."""
    yield from table(plan, "ready", "signal")
    if any(child.program for child in plan.children):
        yield ""
        yield from table(plan, "starting", "while starting")


def table(plan: Plan, phase: str, title: str) -> list[str]:
    """Return a table: signals down, children across, in each cell the action and where it is written."""
    rows = [[title, *(child.name for child in plan.children)]]
    others = {each for each in RECEIVED if is_other(plan, phase, each)}
    named = RECEIVED - others
    rows += [[", ".join(shortened(labels)), *cells] for cells, labels in grouped(plan, phase, named).items()]
    for label, action, those in (
        ("others that dump core", "forward", others & DUMP_CORE),
        ("all others", GUARDED, others - DUMP_CORE),
    ):
        own = [f"{action} [default]" if child.program or phase == "ready" else "-" for child in plan.children]
        if those:
            rows.append([label, *own])
    widths = [max(len(printable(row[column])) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(printable(text).ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def shortened(labels: Sequence[str]) -> Iterator[str]:
    """Yield these, but of real-time signals in a row only the first and the last: ``RTMIN+4 to RTMAX``."""
    numbers = {name_of(number): number for number in range(RTMIN, RTMAX + 1)}
    row: list[str] = []
    for label in labels:
        if row and numbers.get(label) != numbers.get(row[-1], RTMAX) + 1:
            yield from spelled(row)
            row = []
        row.append(label)
    yield from spelled(row)


def spelled(row: Sequence[str]) -> Iterator[str]:
    """Yield the ends of a row that is longer than they are."""
    yield from row if len(row) < 3 else [f"{row[0]} to {row[-1]}"]  # noqa: PLR2004 - the ends


def grouped(plan: Plan, phase: str, signals: frozenset[int]) -> dict[tuple[str, ...], list[str]]:
    """Return the names of these signals by what they do: ``TERM``, or ``TERM@tty`` where the sender counts."""
    found: dict[tuple[str, ...], list[str]] = {}
    for signal in sorted(signals, key=lambda number: (number not in plan.stop, number)):
        by_sender = {
            sender: tuple(cell(plan, child, phase, signal, sender) for child in plan.children)
            for sender in SHOWN_SENDERS
        }
        for sender, cells in by_sender.items():
            same = len(set(by_sender.values())) == 1
            label = name_of(signal) if same else f"{name_of(signal)}@{sender}"
            if label not in found.setdefault(cells, []):
                found[cells].append(label)
    return found


def is_other(plan: Plan, phase: str, signal: int) -> bool:
    """Tell whether a signal has no line of its own: it is no stop, and the rules say nothing of it."""
    return signal not in plan.stop and not any(is_written(plan, phase, signal, sender) for sender in SHOWN_SENDERS)


def is_written(plan: Plan, phase: str, signal: int, sender: str) -> bool:
    """Tell whether the rules say anything of this signal."""
    tables = [plan.tables[getattr(child, phase)] for child in plan.children if child.program or phase == "ready"]
    return any(plan.actions[each[sender][signal]].origin != "default" for each in tables)


def cell(plan: Plan, child: ChildPlan, phase: str, signal: int, sender: str) -> str:
    """Return what a child gets for a signal; a dash where it is never in this phase."""
    if phase == "starting" and not child.program:
        return "-"
    action = plan.actions[plan.tables[getattr(child, phase)][sender][signal]]
    return f"{spell(plan, action)} [{action.origin}]"


def spell(plan: Plan, action: Action) -> str:
    """Return an action in the words of the rule language."""
    if action.do == "hold":
        bound = "" if action.hold is None else f" {spell_duration(action.hold)}, else {spell_steps(action.otherwise)}"
        return f"hold{bound}"
    if action.do == "drop":
        return "drop"
    if action.guard:
        return AS_TERM if action.stop else GUARDED
    parts = []
    if action.after:
        names = [plan.children[index].name for index in action.after[:MOST_SHOWN]]
        more = len(action.after) - MOST_SHOWN
        parts.append("after " + ", ".join(names) + (f" and {more} more:" if more > 0 else ":"))
    if action.run:
        parts.append(f"run {shlex.join(word.decode('utf-8', 'replace') for word in action.run)}, then")
    parts.append(spell_steps(action.steps))
    if action.otherwise:
        parts.append(f"else {spell_steps(action.otherwise)}")
    if action.scope != "program":
        parts.append(f"to the {action.scope}")
    return " ".join(parts) + spell_again(action)


def spell_again(action: Action) -> str:
    """Return what repeats do, where they are not ignored: ``(again: next; KILL on INT)``."""
    rest = spell_how(action.again.get(ANY_SIGNAL, "ignore"))
    named: dict[str, list[str]] = {}
    for signal, how in sorted(action.again.items()):
        if signal != ANY_SIGNAL and spell_how(how) != rest:
            named.setdefault(spell_how(how), []).append(name_of(signal))
    # Where all that is done is to forward, each repeat is just another signal.
    told = [] if rest == "ignore" or rest == spell_steps(action.steps) == "forward" else [rest]
    told += [f"{how} on {', '.join(signals)}" for how, signals in named.items()]
    return f" (again: {'; '.join(told)})" if told else ""


def spell_how(how: str | tuple[Step, ...]) -> str:
    """Return a value of ``again`` in the words of the rule language."""
    return how if isinstance(how, str) else spell_steps(how)
