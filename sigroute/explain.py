"""``sigroute --as NAME --explain``: the rule file that says what a guise does, for whoever moves on to rules."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sigroute.language.signals import STOP_SIGNALS, UNRECEIVABLE
from sigroute.pid1.names import RTMAX, STANDARD, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.guise.part import Part
    from sigroute.pid1.guise.routes import Routes

WIDTH = 110

HEAD = """\
# {what}, as rules:
#
#     sigroute --rules FILE -- {command}
#
"""

PAUSE = """\
# {what}, as rules:
#
#     sigroute --rules FILE

[signals]
stop = ["TERM", "INT"]
rest = [{rest}]

[child.pause]
command = ["sleep", "infinity"]

[child.pause.on]
stop = "TERM"
rest = "drop"

[exit]
map = {{ any = 0 }}
"""

#: What rules have no words for, by the part's field that has it.
UNSAID = {
    "halts": "it stops itself after TSTP, TTIN and TTOU; sigroute stops with its child, where a shell waits for both",
    "farewell": "it sends {name} to what its program leaves in its process group, and ends at once",
    "codes": "it maps exit codes always; sigroute only where a stop was asked for",
    "death": "it gets {name} when its parent dies",
    "session": "its program is in a session of its own, here in a process group",
    "shared": "its program is in its own process group, here in another",
    "blocked": "TSTP, TTIN and TTOU are blocked in its program",
    "subreaper": "it adopts orphans as PID 1 only",
    "leaves": "it goes to / when its program runs",
}


def explain(name: str, words: Sequence[str], part: Part) -> str:
    """Return the rule file."""
    what = f"{name} {shlex.join(words)}".replace("\n", " ")
    if not part.command:
        return PAUSE.format(what=what, rest=listed(RECEIVED - part.routes.ends))
    head = HEAD.format(what=what, command=shlex.join(part.command).replace("\n", " "))
    notes = "".join(f"# {note}\n" for note in differences(part))
    return f"{head}# What rules do not say:\n{notes}\n" + "\n".join(sections(part.routes)) + "\n"


#: What can be received and so be a key: not KILL, STOP, CHLD, and not what the libc keeps for itself.
RECEIVED = frozenset(range(1, RTMAX + 1)) - UNRECEIVABLE.keys()


def differences(part: Part) -> Iterator[str]:
    """Yield what remains different."""
    routes, manner = part.routes, part.manner
    there = {
        "halts": bool(routes.halts),
        "farewell": bool(routes.farewell),
        "codes": bool(routes.codes),
        "death": bool(part.death),
        "session": manner.group == "session",
        "shared": manner.group == "shared",
        "blocked": STANDARD["TSTP"] in manner.blocked,
        "subreaper": not part.adopts,
        "leaves": manner.leaves,
    }
    for what, text in UNSAID.items():
        if there[what]:
            yield "- " + text.format(name=name_of(routes.farewell if what == "farewell" else part.death or 1))


def sections(routes: Routes) -> Iterator[str]:
    """Yield the lines of the file."""
    by_action: dict[str, list[int]] = {}
    for signal in sorted(RECEIVED):
        by_action.setdefault(action(routes, signal), []).append(signal)
    forwarded = by_action.pop(action(routes, 0), [])
    yield "[signals]"
    yield from wrapped("others", [each for each in forwarded if each not in STOP_SIGNALS])
    yield ""
    yield "[on]"
    yield f"stop   = {action(routes, 0)}      # a stop, too, is forwarded, and so is each repeat"
    yield f"others = {action(routes, 0)}      # what the program has no handler for, too"
    for text, signals in by_action.items():
        yield from (f"{key(signal)} = {text}" for signal in signals)
    if routes.codes:
        yield ""
        yield "[exit]"
        yield f"map = {{ {', '.join(f'{code} = {new}' for code, new in sorted(routes.codes.items()))} }}"
    yield ""
    yield "[drain]"
    yield 'wait = "0s"      # whoever is left is killed, as by the kernel when PID 1 ends'


def action(routes: Routes, signal: int) -> str:
    """Return what is done for a signal, as TOML; for 0: for those that are forwarded."""
    sent = routes.sent.get(signal, signal)
    if not sent and signal:
        return '"drop"'
    written = "forward" if sent == signal else name_of(sent)
    scope = "" if routes.scope == "process" else f', scope = "{routes.scope}"'
    again = f', again = "{written}"' if not signal or signal in STOP_SIGNALS else ""
    return f'{{ send = "{written}"{again}{scope} }}' if again or scope else f'"{written}"'


def key(signal: int) -> str:
    """Return a signal as a key."""
    name = name_of(signal)
    return name if name.isalnum() else f'"{name}"'


def listed(signals: Sequence[int] | frozenset[int]) -> str:
    """Return signals as the words of a list."""
    return ", ".join(f'"{name_of(signal)}"' for signal in sorted(signals))


def wrapped(name: str, signals: Sequence[int]) -> Iterator[str]:
    """Yield the lines of a list that is too long for one."""
    yield f"{name} = ["
    line = "   "
    for signal in signals:
        word = f' "{name_of(signal)}",'
        if len(line) + len(word) > WIDTH:
            yield line
            line = "   "
        line += word
    yield line
    yield "]"
