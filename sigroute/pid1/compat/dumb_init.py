"""dumb-init 1.2.5 (github.com/Yelp/dumb-init)."""

from __future__ import annotations

from sigroute.pid1.compat.getopt import OptionError, Options
from sigroute.pid1.compat.numbers import number_at
from sigroute.pid1.compat.role import FALLBACK, Role
from sigroute.pid1.compat.routes import Routes
from sigroute.pid1.exit_codes import FAILURE, SUCCESS
from sigroute.pid1.kernel.abi import EAGAIN, EMFILE, ENFILE, ENOMEM
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.options import ANY_ERROR, TTY_SIGNALS, InitOptions, StartOptions
from sigroute.pid1.kernel.output import STDERR, end
from sigroute.pid1.names import RTMAX, RTMIN, STANDARD, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.compat.role import Call, Says

VERSION = "dumb-init v1.2.5 (sigroute {version})\n"

HELP = """{name}: sigroute {version}, standing in for dumb-init v1.2.5
Usage: {name} [option...] [--] command [arg...]

  -c, --single-child  send signals to the command's own process, in this session; else to its process group,
                      in a session of its own (as DUMB_INIT_SETSID=0 does)
  -r, --rewrite s:r   send signal r when s arrives, numbers from 1 to 31; r = 0: nothing. May be repeated
  -v, --verbose       tell on stderr what happens (as DUMB_INIT_DEBUG=1 does)
  -h, --help          print this and exit
  -V, --version       print the version and exit
"""

USAGE = "Usage: {name} [option...] command [arg...]\nTry {name} --help: this is sigroute, standing in for dumb-init.\n"

REWRITE = """Usage: -r s:r, where s is a signal number from 1 to 31, and r is one from 0 to 31.
It may be repeated; --help tells more.
"""

LONG = {"help": "h", "single-child": "c", "rewrite": "r", "verbose": "v", "version": "V"}

HIGHEST = 31

TERM, STOP = STANDARD["TERM"], STANDARD["STOP"]

#: After these it stops itself. A child in a session of its own gets STOP instead of them.
SUSPENDING = frozenset(STANDARD[name] for name in ("TSTP", "TTIN", "TTOU"))

CHILD = "Received signal 17."

NOT_FORWARDED = "Not forwarding signal 0 to children (ignored)."

#: By the name of a log line: dumb-init's messages with -v.
SAYS: dict[str, tuple[str, ...]] = {
    "started": ("Child spawned with PID {pid}.",),
    "signal": ("Received signal {number}.",),
    "sent": ("Forwarded signal {number} to children.",),
    "sent-group": ("Forwarded signal {number} to children.",),
    "dropped": (NOT_FORWARDED,),
    "halt": ("Suspending self due to TTY signal.",),
    "exited": (CHILD, "A child with PID {pid} exited with exit status {status}."),
    "killed": (CHILD, "A child with PID {pid} was terminated by signal {number}."),
    "reaped": (CHILD, "A child with PID {pid} exited with exit status {status}."),
    "stopped": (CHILD,),
    "continued": (CHILD,),
    "note": ("{text}",),
}

#: Its messages about giving up the terminal.
DETACHED = (
    """Detached from controlling tty, ignoring the first SIGHUP and SIGCONT we receive.
[dumb-init] Received signal 1.
[dumb-init] Ignoring tty hand-off signal 1.
[dumb-init] Received signal 18.
[dumb-init] Ignoring tty hand-off signal 18.""",
    "Detached from controlling tty, but was not session leader.",
    "Unable to detach from controlling tty ({trouble}).",
)


def play(call: Call) -> Role:
    """Read the command line and the environment."""
    options = Options(call.words, "hvVcr:", LONG, first=True)
    sent: dict[int, int] = {}
    verbose, single = False, False
    try:
        for letter, argument in options:
            if letter in "hV":
                end(SUCCESS, call.told(HELP if letter == "h" else VERSION), STDERR)
            verbose, single = verbose or letter == "v", single or letter == "c"
            if letter == "r":
                sent.update([rewriting(argument)])
    except OptionError as error:
        end(FAILURE, f"{call.name}: {error}\n", STDERR)
    if not options.rest:
        end(FAILURE, call.told(USAGE), STDERR)
    notes = []
    if call.environ.get(b"DUMB_INIT_DEBUG") == b"1":
        verbose = True
        notes.append("Running in debug mode.")
    if call.environ.get(b"DUMB_INIT_SETSID") == b"0":
        single = True
        notes.append("Not running in setsid mode.")
    if not single:
        sent = {**dict.fromkeys(SUSPENDING, STOP), **sent}
    sent = {signal: number for signal, number in sent.items() if signal != number}
    return Role(
        command=tuple(options.rest),
        start=start_options(call, single=single),
        init=InitOptions(tty_signals=TTY_SIGNALS - sent.keys(), chdir_root=True),
        routes=Routes(
            scope="process" if single else "process-group",
            sent=sent,
            stops_self=SUSPENDING,
            farewell=0 if single else sent.get(TERM, TERM),
        ),
        notes=tuple(notes),
        says=messages(sent, verbose=verbose, single=single),
        detaches=() if single else DETACHED,
    )


def start_options(call: Call, *, single: bool) -> StartOptions:
    """Return how dumb-init starts its child: only real-time signals stay ignored if they were.

    It unblocks all that its C library lets it unblock: not 32 and 33, of which only a static file knows.
    """
    return StartOptions(
        group="shared" if single else "session",
        terminal="session" if not single else "none",
        keep_ignored=frozenset(range(RTMIN, RTMAX + 1)),
        blocked=call.blocked - RECEIVABLE,
        pid_variables=(),
        exit_codes={EAGAIN: 1, ENOMEM: 1, ENFILE: 1, EMFILE: 1, ANY_ERROR: 2},
        messages={"exec": "{program}: {error}", "fork": "Unable to fork. Exiting."},
    )


def rewriting(text: str) -> tuple[int, int]:
    """Return a signal and its replacement. Text after them is skipped, as by scanf(3)."""
    signal, rest = number_at(text)
    replacement, _ = number_at(rest[1:]) if rest.startswith(":") else (None, "")
    if signal is None or replacement is None or not (1 <= signal <= HIGHEST and 0 <= replacement <= HIGHEST):
        end(FAILURE, REWRITE, STDERR)
    return signal, replacement


def messages(sent: dict[int, int], *, verbose: bool, single: bool) -> Says:
    """Return its messages."""
    says: dict[str, tuple[str, ...]] = {"not-started": ("{reason}",), "fallback": (FALLBACK,)}
    if verbose:
        says |= SAYS
        if not single:
            says["started"] = (*says["started"], "setsid complete.")
        for signal, number in sent.items():
            names = ("sent", "sent-group") if number else ("dropped",)
            says |= {f"{name} {name_of(signal)}": passing(signal, number) for name in names}
        says["exit"] = (*passing(TERM, sent.get(TERM, TERM)), "Child exited with status {status}. Goodbye.")
    return {name: tuple([(STDERR, f"[dumb-init] {text}") for text in texts]) for name, texts in says.items()}


def passing(signal: int, number: int) -> tuple[str, ...]:
    """Return its messages about a signal: forwarded, rewritten or dropped."""
    translated = (f"Translating signal {signal} to {number}.",) if signal != number else ()
    return (*translated, f"Forwarded signal {number} to children." if number else NOT_FORWARDED)
