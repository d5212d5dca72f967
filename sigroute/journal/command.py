"""``sigroute replay``: the engine over a journal once more, and what other rules would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.arguments import Parser, answer, columns, complain
from sigroute.journal import again
from sigroute.journal.read import JournalError, parts
from sigroute.journal.replay import Difference, by_run, difference, follows, run_of
from sigroute.pid1.engine.events import EngineFailed
from sigroute.pid1.exit_codes import BAD_RULES, FAILURE
from sigroute.pid1.log.printable import printable
from sigroute.simulate.rules import add_env, planned
from sigroute.simulate.run import simulated
from sigroute.timeline import timeline_of

if TYPE_CHECKING:
    from argparse import Namespace

    from sigroute.journal.read import Part
    from sigroute.pid1.engine.state import State

EPILOG = """Exit codes: 0 the engine does the same (with --rules: it is told), 1 it does not,
78 a journal or the rules can't be read, 74 the output can't be written, 64 bad usage."""


def main(words: list[str]) -> int:
    """Run the engine over journals; return the exit code."""
    options = parser().parse_args(words)
    found: list[Part] = []
    for name in options.journals:
        try:
            with open(name, "rb") as file:  # noqa: PTH123 - it may be a descriptor's path
                found += parts(printable(name), file)
        except (JournalError, OSError) as error:
            complain(str(error) if isinstance(error, JournalError) else f"{printable(name)}: {error.strerror}")
            return BAD_RULES
    return proved(found) if options.rules is None else compared(found, options)


def parser() -> Parser:
    """Return the parser of ``sigroute replay``."""
    made = Parser(
        "sigroute replay",
        "Run the engine over a journal once more, and tell whether it decides the same.\n"
        "With --rules, tell what other rules would have done.",
        epilog=EPILOG,
    )
    made.add_argument(
        "--rules", metavar="NEW", help="rules to compare with: the children behave as they did in the journal"
    )
    add_env(made, "with --rules: ")
    made.add_argument(
        "journals", nargs="+", metavar="JOURNAL", help="journals, the oldest first: NAME.1 is older than NAME"
    )
    return made


def proved(found: list[Part]) -> int:
    """Tell whether the engine does the same as the journals have; return the exit code."""
    before: tuple[Part, State] | None = None
    for part in found:
        if before is not None and not follows(*before, part):
            answer(f"{part.place}: steps are missing before this line\n")
            return FAILURE
        other = difference(part)
        if isinstance(other, Difference):
            tell(other)
            return FAILURE
        before = part, other
    steps = sum(len(part.steps) for part in found)
    effects = sum(len(each.effects) for part in found for each in part.steps)
    answer(f"{steps} events, {effects} effects: the engine decides the same\n")
    for part in found:
        if part.gap:
            complain(f"{part.place}: steps before this line were lost ({part.time})")
        for each in part.steps[-1:]:
            if isinstance(each.event, EngineFailed):
                complain(f"{each.place}: here the engine failed: {printable(each.event.reason)}")
    return 0


def tell(other: Difference) -> None:
    """Print a difference."""
    answer(f"{other.step.place}: the engine decides otherwise\n  {printable(repr(other.step.event))}\n")
    answer("".join(f"  - {printable(repr(each))}\n" for each in other.step.effects))
    answer("".join(f"  + {printable(repr(each))}\n" for each in other.now))
    if other.failure:
        answer(f"  + {printable(other.failure)}\n")


def compared(found: list[Part], options: Namespace) -> int:
    """Print what other rules would have done; return the exit code."""
    last = by_run(found)[-1]
    if not last[0].begins():
        complain(f"{last[0].place}: the journal does not begin with the start of this run: name FILE.1 before FILE")
        return BAD_RULES
    environ = dict(options.env)
    rules = planned(options.rules, environ)
    if rules is None:
        return BAD_RULES
    try:
        run = timeline_of(run_of(last).lines)
    except JournalError as error:
        complain(str(error))
        return BAD_RULES
    old, (_, new) = last[0].plan, rules
    before, after = (simulated(plan, environ, again.models(plan, run), again.arrivals(run)) for plan in (old, new))
    answer("".join(f"{printable(line)}\n" for line in again.compared(before, after, columns())))
    warn(last, again.only_one_has(old, new), again.only_one_has(new, old), exact=again.is_exact(before, run))
    return 0


def warn(last: list[Part], gone: list[str], added: list[str], *, exact: bool) -> None:
    """Tell what makes the comparison uncertain."""
    if not exact:
        complain(
            "careful: with these models the old rules do not end as the run really did (sigroute timeline shows it)"
        )
    if any(part.gap for part in last):
        complain("careful: steps of this run were lost")
    if gone:
        complain(f"only the rules of the journal have these: {printable(', '.join(gone))}")
    if added:
        complain(f"only the new rules have these, so nothing is known of them: {printable(', '.join(added))}")
