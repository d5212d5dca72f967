"""The commands of the control socket, by their first word."""

from __future__ import annotations

from sigroute.pid1.control import metrics
from sigroute.pid1.control.as_json import as_json
from sigroute.pid1.control.look import looked_at
from sigroute.pid1.control.status import status
from sigroute.pid1.control.table import table
from sigroute.pid1.exit_codes import USAGE
from sigroute.pid1.names import RTMIN, STANDARD, number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from sigroute.pid1.control.counts import Counts
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

    Known = tuple[Plan, State, int, Counts]
    """What is known of PID 1: its plan; its state, at a time in the milliseconds of the engine; its counts."""

    Request = tuple[str, int, Sequence[int]]
    """What PID 1 is to do (engine/requests.py), with which signal, and for which children."""

    class Client(Protocol):
        """Who asks."""

        def answer(self, text: str, /) -> None:
            """Answer with what was asked for."""

        def refuse(self, code: int, why: str, /) -> None:
            """Answer why it is not done."""

        def follow(self) -> None:
            """Answer with all that happens, line by line, until one of both has gone."""

        def ask(self, *requests: Request) -> None:
            """Have PID 1 do something, one after the other; its replies are the answer."""

    Command = Callable[[Known, Client, list[str]], None]


class WrongError(Exception):
    """A request that can't be understood; the message says why, and what could be meant."""


def answer(known: Known, client: Client, words: list[str]) -> None:
    """Answer a request, or have PID 1 do so."""
    if words == [""]:
        client.refuse(USAGE, f"the request is empty (a command is one of {', '.join(COMMANDS)})")
        return
    if words[0] not in COMMANDS:
        client.refuse(USAGE, f"{words[0]!r} is no command here (it is one of {', '.join(COMMANDS)})")
        return
    try:
        COMMANDS[words[0]](known, client, words[1:])
    except WrongError as error:
        client.refuse(USAGE, str(error))


def tell_status(known: Known, client: Client, words: list[str]) -> None:
    """``status [--json]``: what runs, since when, and what is waited for."""
    options, rest = parted(words, "--json")
    expected(rest)
    plan, state, now, _ = known
    found = status(plan, looked_at(plan, state, now), now)
    client.answer(f"{as_json(found)}\n" if options else table(found))


def tell_metrics(known: Known, client: Client, words: list[str]) -> None:
    """``metrics``: what was counted, and how things are, as OpenMetrics text."""
    expected(words)
    plan, state, now, counts = known
    counts.gather(state)
    client.answer(metrics.text(plan, looked_at(plan, state, now), now, counts))


def send(known: Known, client: Client, words: list[str]) -> None:
    """``send [--raw] NAME SIGNAL``: a signal for a child or a group, by the rules or past them."""
    options, rest = parted(words, "--raw")
    name, signal = expected(rest, "NAME", "SIGNAL")
    number = signal_of(signal)
    if not options and number in NOT_ROUTED:
        message = f"{signal} is not routed by rules (send --raw sends it as it is)"
        raise WrongError(message)
    client.ask(("send-raw" if options else "send", number, children_of(known[0], name)))


def stop(known: Known, client: Client, words: list[str]) -> None:
    """``stop NAME``: a child exits, and stays down."""
    _, rest = parted(words)
    client.ask(("stop", 0, children_of(known[0], *expected(rest, "NAME"))))


def start(known: Known, client: Client, words: list[str]) -> None:
    """``start NAME``: a child that is down, has exited or backs off is started."""
    _, rest = parted(words)
    client.ask(("start", 0, children_of(known[0], *expected(rest, "NAME"))))


def restart(known: Known, client: Client, words: list[str]) -> None:
    """``restart [--one-by-one] NAME``: a child exits, and is started again; each when the one before it is ready."""
    options, rest = parted(words, "--one-by-one")
    children = children_of(known[0], *expected(rest, "NAME"))
    client.ask(*[("restart", 0, some) for some in ([[each] for each in children] if options else [children])])


def events(_known: Known, client: Client, words: list[str]) -> None:
    """``events --follow``: what happens, as the lines of a log in JSON."""
    options, rest = parted(words, "--follow")
    expected(rest)
    if not options:
        message = "events are not kept: --follow tells those to come ([journal] in the rules keeps them)"
        raise WrongError(message)
    client.follow()


def parted(words: list[str], *known: str) -> tuple[list[str], list[str]]:
    """Return the options among words, and the rest.

    :raises WrongError: an option is not among these.
    """
    options = [word for word in words if word.startswith("--")]
    for each in options:
        if each not in known:
            there = f"there is {', '.join(known)}" if known else "there is none"
            message = f"there is no option {each} here ({there})"
            raise WrongError(message)
    return options, [word for word in words if not word.startswith("--")]


def expected(words: list[str], *names: str) -> list[str]:
    """Return words if they are as many as these names.

    :raises WrongError: they are not.
    """
    if len(words) != len(names):
        what = ", ".join(names) if names else "no further word"
        message = f"expected: {what}; there is {' '.join(words) or 'none'}"
        raise WrongError(message)
    return words


def children_of(plan: Plan, name: str) -> list[int]:
    """Return the children that a name stands for: a child, all instances of one, or with ``@`` a group.

    :raises WrongError: there is none of that name.
    """
    names = [child.name for child in plan.children]
    groups = [f"@{each}" for each in plan.groups]
    if name in groups:
        found = [*plan.groups[name[1:]]]
    elif name in names:
        found = [names.index(name)]
    else:
        found = [index for index, each in enumerate(names) if is_instance(each, name)]
    if not found:
        message = f"there is no {name} here (there is {', '.join([*names, *groups][:NAMED])})"
        raise WrongError(message)
    return found


def is_instance(name: str, of: str) -> bool:
    """Tell whether a name is that of an instance: NAME.1, NAME.2 and so on."""
    first, _, number = name.rpartition(".")
    return first == of and number.isdecimal()


def signal_of(text: str) -> int:
    """Return the number of a signal: ``TERM``, ``SIGTERM``, ``15``, ``RTMIN+3``.

    :raises WrongError: there is none of that name.
    """
    name = text.upper().removeprefix("SIG")
    number = int(name) if is_number(name) else number_of(name)
    if name.startswith("RTMIN+") and is_number(name[6:]):
        number = RTMIN + int(name[6:])
    if not 0 < number <= HIGHEST or number in OF_LIBC:
        message = f"unknown signal {text!r} (as in TERM, SIGTERM, 15 or RTMIN+3)"
        raise WrongError(message)
    return number


def is_number(text: str) -> bool:
    """Tell whether a text is a number that may be a signal's."""
    return text.isascii() and text.isdecimal() and len(text) <= DIGITS


#: So many names are told where one is unknown.
NAMED = 20

#: The highest signal, and the digits of its number; those that the C library keeps for itself (nptl(7)).
HIGHEST, DIGITS, OF_LIBC = 64, 2, (32, 33)

#: The kernel does these by itself, or tells of a child by them: no rule is for them.
NOT_ROUTED = tuple([STANDARD[name] for name in ("KILL", "STOP", "CHLD")])

COMMANDS: dict[str, Command] = {
    "status": tell_status,
    "metrics": tell_metrics,
    "send": send,
    "stop": stop,
    "start": start,
    "restart": restart,
    "events": events,
}
"""By their first words."""
