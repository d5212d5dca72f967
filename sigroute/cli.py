"""The command line: one file per command, found by its first word."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: By their first word, the commands that are not "run this as PID 1"; ``sigroute -- check`` runs a program.
COMMANDS = {
    "check": "sigroute.check",
    "explain": "sigroute.explain",
    "timeline": "sigroute.timeline.command",
    "replay": "sigroute.journal.command",
    "status": "sigroute.control.status",
    "metrics": "sigroute.control.metrics",
    "exporter": "sigroute.control.exporter",
    "send": "sigroute.control.send",
    "stop": "sigroute.control.stop",
    "start": "sigroute.control.start",
    "restart": "sigroute.control.restart",
    "events": "sigroute.control.events",
    "compile": "sigroute.compile",
    "rules": "sigroute.show",
    "convert": "sigroute.convert",
    "schema": "sigroute.schema",
    "demo": "sigroute.demo",
    "completion": "sigroute.completion",
    "help": "sigroute.help",
}


def main(before: Iterable[int]) -> int:
    """Do what the command line says; return the exit code.

    ``before`` is the signal mask to go back to where nothing is run as a child.
    """
    name, words = sys.argv[0].rpartition("/")[2], sys.argv[1:]
    # PID 1 writes nothing unasked; and where a disk is full, half a module would be left for every later start.
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    from sigroute.pid1.compat import ROLES  # noqa: PLC0415 - after that
    from sigroute.pid1.kernel.surroundings import without_locale  # noqa: PLC0415 - as above

    before = without_locale(before)
    if name in ROLES or words[:1] == ["--as"]:
        from sigroute.become import run_as  # noqa: PLC0415 - and nothing of it where it is not asked for
        from sigroute.stand_in import asked  # noqa: PLC0415 - as above

        role, rest = (name, words) if name in ROLES else asked(words[1:])
        return run_as(role, rest, before)
    if words[:1] and words[0] in COMMANDS:
        sys.dont_write_bytecode = writes
        unblock(before)
        return int(import_module(COMMANDS[words[0]]).main(words[1:]))
    from sigroute.become import run_by_rules  # noqa: PLC0415 - the same

    return run_by_rules(words, COMMANDS)


def unblock(before: Iterable[int]) -> None:
    """Be an ordinary program again, which a closed pipe ends (``sigroute rules | head``)."""
    import signal  # noqa: PLC0415 - PID 1 does without (it imports enum)

    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
