"""``sigroute compile``: rules and all that runs by them, in one file."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.about import About
from sigroute.arguments import Parser, add_log, add_on, answer, complain
from sigroute.as_rules import as_rules
from sigroute.language import RuleError, examine, load, outline, render, with_instead
from sigroute.pid1.compat import ROLES
from sigroute.pid1.exit_codes import BAD_RULES, CANNOT_WRITE, UNAVAILABLE, USAGE
from sigroute.pid1.log.printable import printable
from sigroute.pid1.plan import Launch
from sigroute.run import with_files
from sigroute.shebang import DEFAULT_SHEBANG, ShebangError
from sigroute.stand_in import play
from sigroute.static import MACHINES, NoRuntimeError, runtime, static_init, static_role, this_machine

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """Put rules, and all that runs by them, into one executable file: an init (PID 1) for one image. It is
static: the image needs no Python, no shell, no C library, no /proc. Wrong rules fail here, and not
when a container starts."""

EPILOG = """examples, in a Dockerfile with sigroute in the stage "build":
  RUN sigroute compile nginx -o /nginx-init
  ...
  COPY --from=build /nginx-init /
  ENTRYPOINT ["/nginx-init", "--"]
or, for an image that calls tini:
  RUN sigroute compile --as tini -o /tini
  ...
  COPY --from=build /tini /usr/bin/tini

The file describes itself: INIT --sigroute-rules, INIT --sigroute-version. SIGROUTE_LOG=debug (or info,
warning, error, quiet) in its environment changes how much it logs.

Exit codes: 0 it is written, 64 bad usage, 69 there is no runtime for that machine, 74 it can't be
written, 78 bad rules."""


def main(words: list[str]) -> int:
    """Compile as the command line says; return the exit code."""
    options = parser().parse_args(words)
    if options.shebang != DEFAULT_SHEBANG and not options.python:
        parser().error("--shebang goes with --python: a static init has no interpreter")
    try:
        data, about = of_role(options) if options.role else of_rules(options)
    except RuleError as error:
        complain(str(error))
        return BAD_RULES
    except NoRuntimeError as error:
        complain(f"sigroute compile: {error}")
        return UNAVAILABLE
    except ShebangError as error:
        complain(f"sigroute compile: --shebang: {error}")
        return USAGE
    path = Path(options.output)
    try:
        write(path, data)
    except OSError as error:
        complain(f"sigroute compile: cannot write {printable(str(path))}: {error.strerror}")
        return CANNOT_WRITE
    answer(f"{printable(str(path))}: {len(data) // 1000} kB, {about}\n")
    return 0


def of_rules(options: argparse.Namespace) -> tuple[bytes, About]:
    """Return an init that runs by rules.

    :raises RuleError: the rules can't be used.
    :raises NoRuntimeError: there is no runtime.
    :raises ShebangError: the first line cannot name this interpreter.
    """
    if options.rules is None:
        parser().error("which rules? FILE or NAME, or --as NAME for another init")
    resolved = load(options.rules, options.on)
    for problem in examine(resolved):
        complain(str(problem))
    plan = with_files(with_instead(outline(resolved)), options)
    launch = Launch(plan=plan, log_format=options.log, log_level=options.log_level)
    about = About(f"rules {printable(Path(resolved.rules.source.name).name)}", render(resolved, options.on))
    if options.python:
        from sigroute.bundle import bundle, core_of_rules  # noqa: PLC0415 - only where it is asked for

        return bundle(core_of_rules(launch), about, options.shebang), about
    return static_init(launch, about, runtime(options.arch)), about


def of_role(options: argparse.Namespace) -> tuple[bytes, About]:
    """Return an init that stands in for another.

    :raises NoRuntimeError: there is no runtime.
    :raises ShebangError: the first line cannot name this interpreter.
    """
    if options.rules is not None or options.on:
        parser().error("--as NAME takes no rules: it does what that program does")
    if (options.log, options.log_level, options.journal) != ("text", "info", None):
        parser().error("--as NAME has no log: it says what that program says")
    if options.control is not None:
        parser().error("--as NAME has no control socket: that program has none")
    rules = as_rules(options.role, ["PROGRAM"], play(options.role, ["PROGRAM"], {}))
    about = About(f"as {options.role}", rules)
    if options.python:
        from sigroute.bundle import bundle, core_of_role  # noqa: PLC0415 - as above

        return bundle(core_of_role(options.role), about, options.shebang), about
    return static_role(options.role, about, runtime(options.arch)), about


def write(path: Path, data: bytes) -> None:
    """Write a program, whole or not at all: a container may be starting from the old one just now.

    :raises OSError: it can't be written.
    """
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is a device, a pipe or a socket, and would be one no more")
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=".sigroute-")
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            mask = os.umask(0)
            os.umask(mask)
            os.fchmod(file.fileno(), 0o777 & ~mask)
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def parser() -> Parser:
    """Return the parser of ``sigroute compile``."""
    made = Parser("sigroute compile", DESCRIPTION, epilog=EPILOG)
    made.add_argument("rules", metavar="FILE|NAME", nargs="?", help="a rule file, or the name of bundled rules")
    made.add_argument(
        "--as", dest="role", metavar="NAME", choices=ROLES, help=f"instead of rules: be as {', '.join(ROLES)}"
    )
    made.add_argument("-o", "--output", metavar="INIT", required=True, help="the file to write")
    add_on(made)
    add_log(made)
    made.add_argument(
        "--arch", choices=MACHINES, default=this_machine(), help="the machine it is for (default: this one)"
    )
    made.add_argument(
        "--python", action="store_true",
        help="make a script instead, for an image that has a python3, 3.11 or newer",
    )  # fmt: skip
    made.add_argument(
        "--shebang", metavar="PROGRAM", default=DEFAULT_SHEBANG,
        help="with --python: what runs it, for a target whose env can't split or block (busybox): the path of its "
        f"python3, such as /usr/bin/python3 (default: {DEFAULT_SHEBANG})",
    )  # fmt: skip
    return made
