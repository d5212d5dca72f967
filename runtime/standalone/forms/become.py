"""The form of sigroute/become.py in the static sigroute: this process is a helper of PID 1, and hands over a plan.

PID 1 is the watch from its first instruction on (runtime/src/command.c). It takes a table, a plan, and the index of
the engine's modules.
"""

from __future__ import annotations

import marshal
import struct
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.payload import NO_FORM, payload
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.pid1.kernel.output import end
from sigroute.pid1.log.log import LEVELS
from sigroute.pid1.watch import core

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

#: As command.c has it: how many words of the command line to leave out, whether the next is our name, the least level
#: of the log, and which part has the rest.
HOW = struct.Struct("<III16s")


def run_by_rules(words: list[str], commands: Iterable[str]) -> NoReturn:
    """Have PID 1 run by the rules of this command line.

    :param commands: the other commands of sigroute: their first words.
    """
    from sigroute.run import parse, prepare  # noqa: PLC0415 - a stand-in has no rules

    options = parse(words)
    level = LEVELS.index(options.log_level)
    ready = ready_made(options)
    if ready:
        left_out = len(words) - len(options.command)
        hand_over({"how": HOW.pack(left_out, 0, level, ready.encode())})
    from sigroute.handover import to_wire  # noqa: PLC0415 - not for rules that are compiled already
    from sigroute.static.table import control_of, table_of  # noqa: PLC0415 - as above

    launch = prepare(options, words, commands)
    launch = launch.but(plan=launch.plan.but(command=None))  # the command line is in it
    hand_over(
        {
            "how": HOW.pack(len(words), 0, level, b""),
            "table": table_of(launch),
            "plan": marshal.dumps(to_wire(launch), PLAIN),
            "index": bytes(core.part("index rules")),
            **control_of(launch.plan),
        }
    )


def ready_made(options: argparse.Namespace) -> str | None:
    """Return the part of the payload that has these rules, compiled; None if they are not in it, or not as they are."""
    name = f"{options.rules}.{options.log}"
    if options.on or options.journal is not None or options.control is not None:
        return None
    if not options.command or options.command[0][:1] in ("", "-"):  # a compiled init takes options
        return None
    try:
        core.part(name)
    except (LookupError, ValueError):  # it is no name at all
        return None
    return name


def run_as(name: str, words: Sequence[str], _before: Iterable[int]) -> NoReturn:
    """Have PID 1 stand in for this program."""
    from sigroute.static.table import table_of_role  # noqa: PLC0415 - nor does a start by rules need it

    left_out = len(core.before()[0]) - len(words) - 1
    hand_over(
        {
            "how": HOW.pack(left_out, left_out > 0, LEVELS.index("quiet"), b""),
            "table": table_of_role(),
            "plan": marshal.dumps((f"sigroute.pid1.compat.{ROLES[name]}", __version__), PLAIN),
            "index": bytes(core.part(f"index {ROLES[name]}")),
        }
    )


def hand_over(parts: dict[str, bytes]) -> NoReturn:
    """Give this to PID 1, and end."""
    core.hand_over(payload(NO_FORM, parts))
    end(0)
