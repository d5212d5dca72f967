"""What an init's output means: its texts without the numbers, paths and orders that differ from run to run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.real.drop_in.scenario import NAMES

if TYPE_CHECKING:
    from tests.real.drop_in.run import Run

#: Before a program's name at the beginning of a line: getopt(3) writes how it was called.
PATH = re.compile(rf"^\S*/(?=({'|'.join(NAMES)}): )", re.MULTILINE)

#: Where a program writes a pid: in its prefix, after "pid" or "PID" (but not "as PID 1", which are words).
PIDS = re.compile(r"(?P<before> tini \(|\(catatonit:|pid1 \(|child process |(?<!as )\b(?:pid|PID)[ :=]+'?)(?P<pid>\d+)")

#: A help or usage text, to its end.
USAGE = re.compile(rf"(^({'|'.join(NAMES)})(: sigroute| \()[^\n]*\n)?^[Uu]sage: (?s:.*)", re.MULTILINE)

#: Who says it: what goes wrong before the exec is told by a child that is no more, or by its parent.
SPEAKER = re.compile(r"(\[FATAL tini|(?:ERROR|INFO) \(catatonit):? ?\(?[\w-]+\)")

#: tini's advice on zombies, to its end: sigroute has its own words for it.
ADVICE = re.compile(r"(?<=registered as a child subreaper\.\n)(?:[A-Z][a-z].*\n?)+")

#: Lines that a program may or may not write, for reasons of its own, and those of its inner life that sigroute has not
#: (docs/drop-in.md, "lines"):
LEFT_OUT = re.compile(
    r"""
    .*tcsetpgrp\ failed:\ no\ .*ok\ to\ proceed.*  # tini's child, to a buffer that the exec throws away
    | .*No\ child\ to\ reap  # tini, once for each second that it waits
    | .*Received\ SIGCHLD  # tini, unless the end came between its wait for signals and its look for ends
    | .*No\ child\ to\ wait | .*Registered\ as\ child\ subreaper  # tini, at its highest verbosity
    | .*Unable\ to\ attach\ to\ controlling\ tty.*  # dumb-init's child
    | setting\ foreground.*no\ (tty|such).* | using\ stdin\ as\ tty.*  # catatonit's child
    | got\ ECHILD.*  # catatonit, which looks once more
    | (DEBUG|INFO)\ \(catatonit[^)]*\):\ ?  # of those, what comes before
    """,
    re.VERBOSE,
)

#: catatonit writes a line in three pieces, its parent and its child at once. Pieces are what can be told apart then:
#: the prefix, and its messages.
PIECES = re.compile(
    r"((?:DEBUG|INFO|WARN|ERROR) \(catatonit:?[\w-]*\): )"
    r"|(?=setting foreground|using stdin as|failed to exec|pid1 \(|got ECHILD|child process \S+ exited)"
)


def meaning(run: Run, text: str) -> str:
    """Return the lines, sorted: those of the parent and the child come in any order."""
    text = PATH.sub("", text)
    text = USAGE.sub("<usage>\n", text)
    text = ADVICE.sub("<advice>\n", text)
    text = PIDS.sub(lambda match: match["before"] + run.name(int(match["pid"])), text)
    text = SPEAKER.sub(lambda match: f"{match[1]})", text)
    if "(catatonit:" in text:
        text = PIECES.sub(lambda match: f"\n{match[1] or ''}\n", text)
    return "\n".join(sorted(line for line in text.splitlines() if line and not LEFT_OUT.fullmatch(line)))
