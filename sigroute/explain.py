"""``sigroute explain``: what happens when these signals arrive, before it happens."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

from sigroute.arguments import Parser, answer, columns, complain, word
from sigroute.language import Mistake, did_you_mean, format_duration, parse_duration, parse_key, quote
from sigroute.pid1.engine.naming import NAMED, listed
from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import name_of
from sigroute.simulate.model import CHILD, NEVER, TASK, WORDS, changed
from sigroute.simulate.play import SENDERS, Arrival
from sigroute.simulate.rules import add_env, planned
from sigroute.simulate.run import simulated
from sigroute.simulate.worst import unlimited, worst
from sigroute.timeline.options import add_drawing, form_of, put
from sigroute.timeline.words import start_sentence

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Sequence

    from sigroute.pid1.plan import Plan
    from sigroute.simulate.model import Model
    from sigroute.simulate.worst import Worst

#: In SIGNAL@TIME: a time after the start, or with a plus after the signal before it.
_TIME = re.compile(r"\+?[0-9]")

WORD_LINES = "".join(f"  {f'{name}:{value}':18}{meaning}\n" for name, (value, meaning, _) in WORDS.items())

EPILOG = f"""A SIGNAL arrives once the start is over, or:
  TERM@5s           5 s after the beginning of the start
  INT@+2s           2 s after the signal before it
  HUP@inside        sent by a process in the container
  WINCH@tty         sent by the terminal (without this: by the platform, outside)

The words of --child, with commas between them (nginx=exits:3s,ready:2s):
{WORD_LINES}  {NEVER:18}exits by KILL only

NAME is a child, one that stands for all its instances, or @GROUP. A TIME may be
never. By default a child exits at the last signal of its stop, at once, and a
task is done at once. Every child handles every signal. Conditions of paths
(only-if) hold.

--worst tries each stop signal from each sender, after the start and at moments of
it, with children that take all the time that their rules give them. What a child
takes after its last signal is not in it.

Exit codes: 0 it is printed, 78 the rules are not valid, 74 the output can't be
written, 64 bad usage."""


def main(words: list[str]) -> int:
    """Print what happens; return the exit code."""
    options = parser().parse_args(words)
    if bool(options.signals) == options.worst:
        parser().error("name the signals that arrive, such as TERM, or ask for --worst alone")
    refuse_disorder(options.signals)
    environ = dict(options.env)
    found = planned(options.file, environ)
    if found is None:
        return BAD_RULES
    resolved, plan = found
    known = knowledge({each.child.name: each.child.groups for each in resolved.children}, plan, options.child)
    if options.worst:
        return show_worst(plan, worst(plan, environ, known), options)
    models = [known(TASK if child.task is not None else CHILD, index) for index, child in enumerate(plan.children)]
    title = f"{options.file}: {' '.join(name_of(each.signal) for each in options.signals)}"
    form, made = form_of(options, parser()), simulated(plan, environ, models, options.signals)
    for wish, mark in zip(options.signals, made.arrivals, strict=False):
        if wish.at is not None and not wish.later and wish.at != mark.at:
            complain(f"{mark.signal} arrives after {format_duration(mark.at)}: the signals before it come first")
    code = put(made, title, form, options)
    if form == "text" and not options.output:
        answer(assumed(plan, models, columns()))
    return code


def assumed(plan: Plan, models: Sequence[Model], width: int) -> str:
    """Return what is assumed of those children of which nothing is said, in lines of this width."""
    those = [
        child.name
        for child, model in zip(plan.children, models, strict=True)
        if model.at_last and model.exits == 0 and child.task is None
    ]
    names = listed(those[:NAMED], len(those))
    said = f"Assumed: at the last signal of their stop, these exit at once: {names}. Use --child to say otherwise."
    return "".join(f"{printable(line)}\n" for line in textwrap.wrap(said, width)) if those else ""


def parser() -> Parser:
    """Return the parser of ``sigroute explain``."""
    made = Parser(
        "sigroute explain",
        "Tell what happens to each child when signals arrive: what it gets and when,\n"
        "what it waits for, when all has ended, and what takes the longest.",
        usage="sigroute explain [OPTION...] FILE|NAME SIGNAL[@SENDER][@TIME]...\n"
        "       sigroute explain --worst [OPTION...] FILE|NAME",
        epilog=EPILOG,
    )
    made.add_argument(
        "--child", action="append", default=[], metavar="NAME=WORD,...", type=word(behaviour),
        help="what a child does (see below); may be repeated",
    )  # fmt: skip
    add_drawing(made)
    add_env(made)
    made.add_argument("--worst", action="store_true", help="look for the longest start and stop that the rules bound")
    made.add_argument("file", metavar="FILE|NAME", help="a rule file, or the name of bundled rules")
    made.add_argument(
        "signals", nargs="*", metavar="SIGNAL", type=word(arrival), help="the signals that arrive, in order"
    )
    return made


def refuse_disorder(signals: Iterable[Arrival]) -> None:
    """End with a message if a signal is to arrive before the one that is written before it."""
    last: Arrival | None = None
    for each in signals:
        if each.at is None or each.later:
            continue
        if last is not None and last.at is not None and each.at < last.at:
            first, second = (f"{name_of(one.signal)}@{format_duration(one.at or 0)}" for one in (last, each))
            parser().error(f"{second} arrives before {first}: write them in order")
        last = each


def arrival(text: str) -> Arrival:
    """Return the signal that a word of the command line names.

    :raises Mistake: it names none.
    """
    name, *more = text.split("@")
    at, later, sender = None, False, ""
    (signal,) = parse_key(name, {}).signals
    for each in more:
        if each in SENDERS and not sender:
            sender = each
        elif _TIME.match(each) and at is None:
            at, later = parse_duration(each.removeprefix("+")), each.startswith("+")
        else:
            raise neither(each)
    return Arrival(signal, sender or SENDERS[0], at, later)


def neither(text: str) -> Mistake:
    """Return the mistake of a part of SIGNAL@... that means nothing."""
    if text in SENDERS or _TIME.match(text):
        return Mistake(f"{quote(text)} is one too many", "a signal has one sender and one time at most")
    hint = did_you_mean(text, SENDERS) or f"a sender is one of {', '.join(SENDERS)}, a time as in 5s or +5s"
    return Mistake(f"{quote(text)} is neither a sender nor a time", hint)


def behaviour(text: str) -> tuple[str, str]:
    """Return the name of a child or group, and the words for what it does.

    :raises Mistake: the words are wrong.
    """
    name, equals, words = text.partition("=")
    if not name or not equals:
        message = f"{text!r} is no NAME=WORD, as in nginx=exits:3s"
        raise Mistake(message)
    changed(CHILD, words)
    return name, words


def knowledge(
    groups: dict[str, tuple[str, ...]], plan: Plan, said: Iterable[tuple[str, str]]
) -> Callable[[Model, int], Model]:
    """Return a function that changes a child's model by what the command line says of it.

    :param groups: by child as it is declared, the groups that it is in.
    """
    words: dict[int, list[str]] = {}
    for name, what in said:
        those = [index for index, child in enumerate(plan.children) if is_meant(name, child.name, groups)]
        if not those:
            hint = did_you_mean(name, [child.name for child in plan.children])
            parser().error(f"argument --child: there is no {quote(name)}" + (f" ({hint})" if hint else ""))
        for index in those:
            words.setdefault(index, []).append(what)

    def known(model: Model, index: int) -> Model:
        for each in words.get(index, ()):
            model = changed(model, each)
        return model

    return known


def is_meant(name: str, child: str, groups: dict[str, tuple[str, ...]]) -> bool:
    """Tell whether a name means a child: it is that, its instances, or a group of it."""
    declared = child if child in groups else child.rpartition(".")[0]
    return name in {child, declared} or name.removeprefix("@") in {*groups.get(declared, ())} - {name}


def show_worst(plan: Plan, found: Worst, options: Namespace) -> int:
    """Print the longest start and stop; return the exit code."""
    form = form_of(options, parser())
    at = found.signal.at
    when = "once the start is over" if at is None else f"{format_duration(at)} after the beginning of the start"
    what = f"The longest stop: {name_of(found.signal.signal)} arrives from {found.signal.sender}, {when}."
    says = form == "text" and not options.output
    if says:
        answer(f"{what}\n\n")
    code = put(found.stop, f"{options.file}. {what}", form, options)
    notes = [f"The longest start is not a part of this. {start_sentence(found.start)}"] if at is not None else []
    if not found.whole:
        notes.append("Not everything was tried: that would have taken too long.")
    notes += [f"No rule limits the start: {each}." for each in unlimited(plan)]
    if says:
        answer("".join(f"{printable(each)}\n" for each in notes))
    else:
        complain("\n".join(map(printable, [what, *notes])))
    return code
