"""catatonit 0.1.7, podman's init (github.com/openSUSE/catatonit)."""

from __future__ import annotations

from sigroute.pid1.compat.getopt import OptionError, Options
from sigroute.pid1.compat.role import FALLBACK, Role, signed
from sigroute.pid1.compat.routes import Routes
from sigroute.pid1.exit_codes import FAILURE, SUCCESS
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.options import ANY_ERROR, InitOptions, StartOptions
from sigroute.pid1.kernel.output import STDERR, end
from sigroute.pid1.names import FAULTS, STANDARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.compat.role import Call, Says

#: Docker looks for "tini version", whatever its init is.
VERSION = "tini version 0.1.7_catatonit - sigroute {version}\n"

USAGE = "usage: {name} [-ghLPV] [--] <progname> [<arguments>...]\n"

HELP = (
    USAGE
    + """
This is sigroute {version}, standing in for catatonit 0.1.7.

  -g             send signals to the program's process group
  -P             pause: run no program, and end on INT and TERM
  -h             print this and end
  -L             print the license and end
  -V, --version  print the version and end
"""
)

LICENSE = "{name} is sigroute {version}, standing in for catatonit; it is under the MIT License.\n"

#: Nobody gets these: they are blocked in the program, and catatonit drops them.
STOPPING = frozenset(STANDARD[name] for name in ("TSTP", "TTIN", "TTOU"))

ERROR, WARN, DEBUG = (f"{level} (catatonit:{{me}}): " for level in ("ERROR", "WARN", "DEBUG"))

#: By the name of a log line: catatonit's message with CATATONIT_DEBUG.
SAYS = {
    "started": DEBUG + "pid1 ({pid}) spawned: {program}",
    "not-sent": WARN + "forwarding of signal {number} to pid1 ({pid}) failed: {reason}",
    "dropped": DEBUG + "ignoring kernel attempting to stop us: tty has TOSTOP set",
    "reaped": DEBUG + "child process {pid} exited with code {status}",
    "note": WARN + "{text}",
}


def play(call: Call) -> Role:
    """Read the command line and the environment."""
    if b"CATATONIT_LOG" in call.environ:
        end(FAILURE, signed(ERROR) + "CATATONIT_LOG is reserved for future use\n", STDERR)
    options = Options(call.words, "ghLPV", {"version": "V"}, first=b"POSIXLY_CORRECT" in call.environ)
    group, pauses = False, False
    try:
        for letter, _ in options:
            group, pauses = group or letter == "g", pauses or letter == "P"
            if letter == "h":
                end(SUCCESS, call.told(HELP), STDERR)
            if letter in "LV":
                end(SUCCESS, call.told(LICENSE if letter == "L" else VERSION))
    except OptionError as error:
        misused(call, f"{call.name}: {error}\n")
    if not options.rest and not pauses:
        misused(call, signed(ERROR) + "missing program name\n")
    return Role(
        command=() if pauses else tuple(options.rest),
        start=start_options(call),
        init=InitOptions(unhandled=FAULTS, chdir_root=True, close_descriptors=True),
        routes=Routes(
            scope="process-group" if group else "process",
            sent=dict.fromkeys(STOPPING, 0),
            ends=frozenset((STANDARD["INT"], STANDARD["TERM"])) if pauses else frozenset(),
        ),
        says=messages(talks=b"CATATONIT_DEBUG" in call.environ),
        adopts=True,
    )


def start_options(call: Call) -> StartOptions:
    """Return how catatonit starts its child: it keeps what was ignored and blocked, and blocks TSTP, TTIN and TTOU."""
    return StartOptions(
        terminal="anywhere",
        keep_ignored=RECEIVABLE - {STANDARD["CHLD"]},
        blocked=call.blocked & RECEIVABLE | STOPPING,
        pid_variables=(b"LISTEN_PID",),
        exit_codes={ANY_ERROR: 1},
        messages={
            "exec": "failed to exec pid1: {error}",
            "terminal": "setting foreground process failed: {error}",
            "fork": "failed to fork child: {error}",
        },
    )


def messages(*, talks: bool) -> Says:
    """Return its messages."""
    says = {"not-started": ERROR + "{reason}", "fallback": ERROR + FALLBACK, **(SAYS if talks else {})}
    return {name: ((STDERR, text),) for name, text in says.items()}


def misused(call: Call, why: str) -> NoReturn:
    """Report an error and the usage, and end."""
    end(FAILURE, why + call.told(USAGE), STDERR)
