"""What the demo shows: text from what was seen, for a terminal of 80 columns, in plain ASCII."""

from __future__ import annotations

import textwrap
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sigroute.demo.story import Event, Side

WIDTH = 80

#: The columns of the timeline: seconds, and two sides. With two spaces between, they fill the width.
SECONDS, SIDE = 6, 35

#: The columns of the summary.
LABEL, VALUE = 20, 17

TITLE = "One stop, seen twice: under a plain forwarder, and under sigroute. (3 seconds.)"
NEXT = "Next: `sigroute rules show nginx`; `sigroute check nginx` tells what they mean."


def intro(reason: str, requests: int, orphans: int, rules: str) -> str:
    """Return what is about to be seen, and in what surroundings; *reason* is why there are no namespaces."""
    scene = (
        f"Below each runs the same server. It has left {orphans} orphans behind, which have ended, and has {requests}"
        " requests in flight. Then comes TERM, as from `docker stop`. Like nginx, this server drops what is in flight"
        " on TERM, and finishes it on QUIT."
    )
    shown = [
        "a forwarder  what most entrypoints are: TERM goes on as TERM, and only",
        "             its own child is reaped",
        "sigroute     sigroute --rules demo.toml -- python server.py",
        "",
        "demo.toml:",
        "",
        *rules.splitlines(),
    ]
    paragraphs = [textwrap.fill(text, WIDTH) for text in (TITLE, surroundings(reason), scene)]
    return "\n\n".join([*paragraphs, textwrap.indent("\n".join(shown), "  ")]) + "\n"


def surroundings(reason: str) -> str:
    """Return what the inits are here."""
    if not reason:
        return "Each is PID 1 of a PID namespace of its own with its own /proc, as in a container."
    return (
        f"There can be no PID namespace here ({reason}), so each is a subreaper instead:"
        " orphans below it become its children, as they become PID 1's in a container."
    )


def who(reason: str) -> str:
    """Return what an init is called in the timeline."""
    return "the subreaper" if reason else "PID 1"


def outcome(left: Side, right: Side) -> str:
    """Return the timeline, the summary, and what to do next."""
    parts = [[*timeline(left, right)], [*summary(left, right)], [*remarks(left, right)], [NEXT]]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def timeline(left: Side, right: Side) -> Iterator[str]:
    """Give the lines of the timeline; what both show at the same hundredth of a second shares them."""
    yield row("second", left.name, right.name)
    yield row("-" * SECONDS, "-" * SIDE, "-" * SIDE)
    events = [(hundredths(event), 0, event) for event in left.events]
    events += [(hundredths(event), 1, event) for event in right.events]
    events.sort(key=lambda each: each[:2])
    for at, group in groupby(events, key=lambda each: each[0]):
        texts: tuple[list[str], list[str]] = ([], [])
        for _, side, event in group:
            texts[side].extend(textwrap.wrap(event.text, SIDE, subsequent_indent="  "))
        for number, (first, second) in enumerate(zip_longest(*texts, fillvalue="")):
            yield row("" if number else f"{at / 100:.2f}", first, second)


def hundredths(event: Event) -> int:
    """Return when it was, as exactly as it is shown."""
    return round(event.at * 100)


def row(seconds: str, left: str, right: str) -> str:
    """Return a line of the timeline."""
    return f"{seconds:>{SECONDS}}  {left:{SIDE}}  {right}".rstrip()


#: The lines of the summary.
SUMMARY: dict[str, Callable[[Side], str]] = {
    "requests lost": lambda side: f"{side.lost} of {side.requests}",
    "zombies left": lambda side: "not counted" if side.zombies is None else str(side.zombies),
    "seconds taken": lambda side: f"{side.seconds:.2f}",
    "exit code": lambda side: str(side.code),
}


def summary(left: Side, right: Side) -> Iterator[str]:
    """Give the lines of the summary."""
    yield f"{'':{LABEL}}{left.name:>{VALUE}}{right.name:>{VALUE}}"
    for label, value in SUMMARY.items():
        yield f"{label:{LABEL}}{value(left):>{VALUE}}{value(right):>{VALUE}}"


def remarks(left: Side, right: Side) -> Iterator[str]:
    """Give what the numbers do not say by themselves."""
    if None in (left.zombies, right.zombies):
        yield from textwrap.wrap("Not counted: /proc can't be read here, or does not show these processes.", WIDTH)
    if left.lost and left.code == right.code:
        yield from textwrap.wrap("The exit code tells nothing of what was lost.", WIDTH)
    if left.zombies:
        yield from textwrap.wrap(
            "A zombie is a process that has ended and waits to be reaped; it counts against the limit of processes.",
            WIDTH,
        )
