"""``sigroute --as NAME --print-rules``: print the rule file that does what a stand-in does, to move on to rules."""

from __future__ import annotations

import errno
import shlex
from typing import TYPE_CHECKING

from sigroute.language import STOP_SIGNALS, UNRECEIVABLE, bundled
from sigroute.pid1.kernel.options import ANY_ERROR
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import RTMAX, STANDARD, name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.pid1.compat.role import Role
    from sigroute.pid1.compat.routes import Routes

#: The signals that can be keys: not KILL, STOP and CHLD, and not those that the libc keeps for itself.
RECEIVED = frozenset(range(1, RTMAX + 1)) - UNRECEIVABLE.keys()

STOPS = frozenset(STOP_SIGNALS)

DROP, FORWARD = '"drop"', '"forward"'

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
{rest}

[child.pause]
command = ["sleep", "infinity"]

[child.pause.on]
stop = "TERM"
rest = "drop"

[exit]
map = {{ any = 0 }}

[drain]
wait = "0s"
"""

#: What rules can't express, by the field of the role or its routes.
UNSAID = {
    "stops_self": "it stops itself after TSTP, TTIN and TTOU; sigroute stops with its child, if a shell waits for both",
    "farewell": "it sends {name} to the processes that its program leaves in its process group, and ends at once",
    "codes": "it always maps exit codes; sigroute does so only in a stop that was asked for",
    "death": "it gets {name} when its parent dies",
    "session": "its program has a session of its own; here it has a process group of its own",
    "shared": "its program shares its process group; here it has one of its own",
    "blocked": "TSTP, TTIN and TTOU are blocked in its program",
    "subreaper": "it adopts orphans only as PID 1",
    "leaves": "it changes its directory to / when its program runs",
    "failure": "it ends with {failure} if its program can't be run, sigroute with 126 or 127",
}


def as_rules(name: str, words: Sequence[str], role: Role) -> str:
    """Return the text of the rule file.

    :param name: the program that sigroute stands in for.
    :param words: its arguments.
    """
    what = f"{name} {shown(words)}"
    if not role.command:
        return PAUSE.format(what=what, rest="\n".join(wrapped("rest", sorted(RECEIVED - role.routes.ends))))
    command = shown(role.command)
    head = HEAD.format(what=what, command=command)
    program = role.command[0].rpartition("/")[2]
    if bundled.find(program):
        head += f"# There are rules that are made for it: sigroute --rules {program} -- {command}\n#\n"
    notes = "".join(f"# {note}\n" for note in differences(role))
    return f"{head}# What rules can't express:\n{notes}\n" + "\n".join(sections(role)) + "\n"


def shown(words: Sequence[str]) -> str:
    """Return words for a comment: TOML allows neither control characters nor broken UTF-8 there."""
    return printable(shlex.join(words))


def differences(role: Role) -> Iterator[str]:
    """Yield the differences that remain between the stand-in and the rules, as lines of a list."""
    routes, start = role.routes, role.start
    there = {
        "stops_self": bool(routes.stops_self),
        "farewell": bool(routes.farewell),
        "codes": bool(routes.codes),
        "death": bool(role.death),
        "session": start.group == "session",
        "shared": start.group == "shared",
        "blocked": STANDARD["TSTP"] in start.blocked,
        "subreaper": not role.adopts,
        "leaves": role.init.chdir_root,
        "failure": errno.ENOENT not in start.exit_codes,
    }
    for what, text in UNSAID.items():
        if there[what]:
            name = name_of(routes.farewell if what == "farewell" else role.death or 1)
            yield "- " + text.format(name=name, failure=start.exit_codes[ANY_ERROR])


def sections(role: Role) -> Iterator[str]:
    """Yield the lines of the file."""
    routes = role.routes
    changed = {**dict.fromkeys(role.init.unhandled, 0), **routes.sent}
    changed = {signal: sent for signal, sent in changed.items() if signal in RECEIVED}
    yield "[signals]"
    yield from wrapped("others", sorted(RECEIVED - STOPS - changed.keys()))
    nobodys = sorted(signal for signal, sent in changed.items() if not sent and signal not in STOPS)
    if nobodys:
        yield from wrapped("nobodys", nobodys)
    yield ""
    yield "[on]"
    yield "# a stop signal is forwarded, and so is each repeat, except one within 200 ms"
    yield "# the others are forwarded, too, even if the program has no handler for them"
    yield f"stop = {action(routes, 'forward', stop=True)}"
    yield f"others = {action(routes, 'forward', stop=False)}"
    if nobodys:
        yield f"nobodys = {DROP}"
    for signal, sent in sorted(changed.items()):
        if signal not in nobodys:
            yield f"{key(signal)} = {action(routes, name_of(sent), stop=signal in STOPS) if sent else DROP}"
    codes = [f"{code} = {new}" for code, new in sorted(routes.codes.items()) if code != new]
    if codes:
        yield ""
        yield "[exit]"
        yield f"map = {{ {', '.join(codes)} }}"
    yield ""
    yield "[drain]"
    yield "# the remaining processes are killed, as the kernel does when PID 1 ends"
    yield 'wait = "0s"'


def action(routes: Routes, sent: str, *, stop: bool) -> str:
    """Return an action as TOML."""
    again = f", again = {again_of(routes)}" if stop else ""
    scope = f', scope = "{routes.scope}"' if routes.scope != "process" else ""
    return f'{{ send = "{sent}"{again}{scope} }}' if again or scope else f'"{sent}"'


def again_of(routes: Routes) -> str:
    """Return ``again`` of a stop: each repeat does what the first one does."""
    others = [
        f'{key(signal)} = "{name_of(sent)}"' for signal, sent in sorted(routes.sent.items()) if signal in STOPS and sent
    ]
    return f"{{ {', '.join(['stop = ' + FORWARD, *others])} }}" if others else FORWARD


def key(signal: int) -> str:
    """Return a signal as a key of TOML."""
    name = name_of(signal)
    return name if name.isalnum() else f'"{name}"'


def wrapped(name: str, signals: Sequence[int]) -> Iterator[str]:
    """Yield a list of signals as TOML, in lines of WIDTH columns."""
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
