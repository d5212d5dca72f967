"""The text that the demo shows: plain ASCII for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from sigroute.demo.act import REQUESTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.demo.act import Act
    from sigroute.demo.story import Event, Side

WIDTH = 80

#: The widths of the timeline's columns: seconds, and two sides. With two spaces in between they fill the width.
SECONDS, SIDE = 6, 35

#: The widths of the summary's columns.
LABEL, VALUE = 38, 13

TITLE = "Two stops, each seen under a plain forwarder and under sigroute. (4 seconds.)"
INITS = (
    "The forwarder does what tini and catatonit do: it passes each signal to its child, reaps every zombie, and ends"
    " when its child does."
)
SCENE = (
    f"Each server has {REQUESTS} requests in flight when TERM arrives at the init. As nginx does, it drops them on"
    " TERM, and finishes them on QUIT."
)
NEXT = "Next: `sigroute rules show nginx`; `sigroute check nginx` tells what they mean."


def intro(reason: str) -> str:
    """Return the text before the demo: what it will show, and where.

    :param reason: why there can be no namespaces; empty: there are.
    """
    return paragraphs(TITLE, surroundings(reason), INITS, SCENE)


def paragraphs(*texts: str) -> str:
    """Return the texts, wrapped to the width, with an empty line after each."""
    return "".join(f"{textwrap.fill(text, WIDTH)}\n\n" for text in texts)


def surroundings(reason: str) -> str:
    """Return a sentence that tells whether the inits are PID 1 or subreapers."""
    if not reason:
        return "Each is PID 1 of a PID namespace of its own with its own /proc, as in a container."
    return (
        f"There can be no PID namespace here ({reason}), so each is a subreaper instead:"
        " orphans below it become its children, as they become PID 1's in a container."
    )


def who(reason: str) -> str:
    """Return the name of an init in the timeline."""
    return "the subreaper" if reason else "PID 1"


def stop(number: int, shown: Act, left: Side, right: Side) -> str:
    """Return the text of one stop: its subject, the two command lines with their files, the timeline."""
    commands = [
        f"a forwarder  python3 forwarder.py sh {shown.script}",
        " ".join(("sigroute     sigroute --rules", shown.rules, *(("--", *shown.command) if shown.command else ()))),
    ]
    files = [line for name in (shown.script, shown.rules) for line in ("", f"{name}:", *shown.read(name).splitlines())]
    return "".join(
        (
            paragraphs(f"{number}. {shown.title}", shown.about),
            textwrap.indent("\n".join((*commands, *files)), "  "),
            "\n\n",
            *(f"{line}\n" for line in timeline(left, right)),
            "\n",
        )
    )


def outcome(stops: Sequence[tuple[Act, Side, Side]], folder: str) -> str:
    """Return the text after the demo: the summary, the folder of the programs, and what to do next."""
    return "\n".join((*summary(stops), "", "The programs, to be run by hand:", f"  {folder}", NEXT, ""))


def timeline(left: Side, right: Side) -> Iterator[str]:
    """Yield the lines of the timeline; events of both sides in the same hundredth of a second share a line."""
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
    """Return the time of an event in hundredths of a second, as it is shown."""
    return round(event.at * 100)


def row(seconds: str, left: str, right: str) -> str:
    """Return a line of the timeline."""
    return f"{seconds:>{SECONDS}}  {left:{SIDE}}  {right}".rstrip()


def summary(stops: Sequence[tuple[Act, Side, Side]]) -> Iterator[str]:
    """Yield the lines of the summary."""
    yield line("requests lost", *(side.name for side in stops[0][1:]))
    for shown, *sides in stops:
        yield line(shown.title, *(f"{side.lost} of {side.requests}" for side in sides))


def line(label: str, left: str, right: str) -> str:
    """Return a line of the summary."""
    return f"{label:{LABEL}}{left:>{VALUE}}{right:>{VALUE}}"
