"""tini 0.19, which Docker calls docker-init (github.com/krallin/tini)."""

from __future__ import annotations

from sigroute.pid1.compat.getopt import OptionError, Options
from sigroute.pid1.compat.numbers import number_at
from sigroute.pid1.compat.role import FALLBACK, Role, signed
from sigroute.pid1.compat.routes import Routes
from sigroute.pid1.exit_codes import FAILURE, SUCCESS
from sigroute.pid1.kernel.abi import EACCES, ENOENT
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.options import ANY_ERROR, InitOptions, StartOptions
from sigroute.pid1.kernel.output import STDERR, STDOUT, end
from sigroute.pid1.names import FAULTS, STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.compat.role import Call, Says

#: Docker shows what stands before " - ".
VERSION = "tini version 0.19.0 - sigroute {version}\n"

USAGE = """{name}: sigroute {version}, standing in for tini 0.19.0
usage: {name} [OPTION...] [--] PROGRAM [ARG...]
       {name} --version

  -g         send signals to PROGRAM's process group (as TINI_KILL_PROCESS_GROUP does, set to anything)
  -s         adopt orphans although it is not PID 1 (as TINI_SUBREAPER does, set to anything)
  -p SIGNAL  get SIGNAL when the parent dies: SIGTERM, or another whole name
  -e CODE    end with 0 where PROGRAM ends with CODE; may be repeated
  -w         tell of each process that is reaped
  -v         tell more, up to three times (TINI_VERBOSITY, a number, beats it; 1 is the default)
  -h         print this and end
  -l         print the license and end
"""

LICENSE = "{name} is sigroute {version}, standing in for tini; it is under the MIT License.\n"

#: The names that -p knows.
NAMED = {f"SIG{name}": number for name, number in STANDARD.items() if name not in ("STKFLT", "IO", "PWR")}

HIGHEST_CODE = 255

#: By level: how a line begins, and the descriptor it goes to.
MARKS = (("[FATAL tini ({me})] ", STDERR), ("[WARN  tini ({me})] ", STDERR), ("[INFO  tini ({me})] ", STDOUT),
         ("[DEBUG tini ({me})] ", STDOUT), ("[TRACE tini ({me})] ", STDOUT))  # fmt: skip
FATAL, WARN, INFO, DEBUG, TRACE = range(5)

CHILD = (DEBUG, "Received SIGCHLD")
REAPED = (DEBUG, "Reaped child with pid: '{pid}'")

#: By the name of a log line: tini's messages, each with its level.
SAYS = {
    "started": ((INFO, "Spawned child process '{program}' with pid '{pid}'"),),
    "not-started": ((FATAL, "{reason}"),),
    "sent": ((DEBUG, "Passing signal: '{told}'"),),
    "sent-group": ((DEBUG, "Passing signal: '{told}'"),),
    "not-sent": ((FATAL, "Unexpected error when forwarding signal: '{reason}'"),),
    "exited": (CHILD, REAPED, (INFO, "Main child exited normally (with status '{status}')")),
    "killed": (CHILD, REAPED, (INFO, "Main child exited with signal (with signal '{told}')")),
    "reaped": (CHILD, REAPED),
    "stopped": (CHILD,),
    "continued": (CHILD,),
    "exit": ((TRACE, "Exiting: child has exited"),),
    "note": ((WARN, "{text}"),),
    "fallback": ((FATAL, FALLBACK),),
}
REPORTED = (WARN, "Reaped zombie process with pid={pid}")

NO_REAPER = """\
Tini is not running as PID 1 and isn't registered as a child subreaper.
Zombies will not come to it, so it will not reap them.
Use the -s option or set TINI_SUBREAPER to register as a child subreaper, or run it as PID 1."""


def play(call: Call) -> Role:
    """Read the command line and the environment."""
    if call.words == ("--version",):
        end(SUCCESS, call.told(VERSION))
    options = Options(call.words, "p:hvwgle:s", first=b"POSIXLY_CORRECT" in call.environ)
    counted = dict.fromkeys("vwgs", 0)
    death, codes = 0, {}
    try:
        for letter, argument in options:
            if letter in counted:
                counted[letter] += 1
            elif letter == "p":
                death = named(argument)
            elif letter == "e":
                codes[code(argument)] = 0
            else:
                end(SUCCESS, call.told(USAGE if letter == "h" else LICENSE))
    except OptionError as error:
        misused(call, f"{call.name}: {error}\n")
    if not options.rest:
        misused(call)
    verbosity, subreaper, group = counted["v"] + 1, counted["s"], counted["g"]
    if b"TINI_VERBOSITY" in call.environ:
        verbosity = number_at(call.environ[b"TINI_VERBOSITY"].decode("ascii", "replace"))[0] or 0
    return Role(
        command=tuple(options.rest),
        start=start_options(call),
        init=InitOptions(unhandled=FAULTS),
        routes=Routes(
            scope="process-group" if group or b"TINI_KILL_PROCESS_GROUP" in call.environ else "process",
            sent={STANDARD["TTIN"]: 0, STANDARD["TTOU"]: 0},
            codes=codes,
        ),
        says=messages(verbosity, reports=counted["w"] > 0),
        death=death,
        fatal=MARKS[FATAL][0],
        adopts=subreaper > 0 or b"TINI_SUBREAPER" in call.environ,
        warning=NO_REAPER,
    )


def start_options(call: Call) -> StartOptions:
    """Return how tini starts its child: it keeps what was blocked and ignored, and gets a terminal on stdin."""
    return StartOptions(
        terminal="stdin",
        keep_ignored=RECEIVABLE - {STANDARD["CHLD"]},
        blocked=call.blocked & RECEIVABLE,
        pid_variables=(),
        exit_codes={ENOENT: 127, EACCES: 126, ANY_ERROR: 1},
        messages={
            "exec": "exec {program} failed: {error}",
            "terminal": "tcsetpgrp failed: {error}",
            "fork": "fork failed: {error}",
        },
    )


def messages(verbosity: int, *, reports: bool) -> Says:
    """Return tini's messages at this verbosity."""
    says = {**SAYS, "reaped": (*SAYS["reaped"], REPORTED)} if reports else SAYS
    told = {
        name: tuple(
            [(MARKS[least][1], MARKS[least][0] + text) for least, text in lines if least <= verbosity or verbosity < 0]
        )
        for name, lines in says.items()
    }
    return {name: lines for name, lines in told.items() if lines}


def named(text: str) -> int:
    """Return the signal of a whole name."""
    if text not in NAMED:
        end(FAILURE, f"{signed(MARKS[FATAL][0])}Not a valid option for -p: {text}\n", STDERR)
    return NAMED[text]


def code(text: str) -> int:
    """Return an exit code, as strtol(3) reads it: an empty text is 0."""
    number, rest = number_at(text) if text else (0, "")
    if number is None or rest or not 0 <= number <= HIGHEST_CODE:
        end(FAILURE, f"{signed(MARKS[FATAL][0])}Not a valid option for -e: {text}\n", STDERR)
    return number


def misused(call: Call, why: str = "") -> NoReturn:
    """Report an error and the usage, and end."""
    end(FAILURE, why + call.told(USAGE), STDERR)
