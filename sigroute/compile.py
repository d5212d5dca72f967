"""``sigroute compile``: rules and the code that runs by them, in one file that needs only a python3."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.arguments import Parser, add_log, add_on, answer, complain
from sigroute.bundle import DEFAULT_SHEBANG, About, Core, ShebangError, bundle, core_of_role, core_of_rules
from sigroute.explain import explain
from sigroute.language import RuleError, examine, load, outline, render
from sigroute.pid1.compat import ROLES
from sigroute.pid1.exit_codes import BAD_RULES, CANNOT_WRITE, USAGE
from sigroute.pid1.log.printable import printable
from sigroute.pid1.plan import Launch
from sigroute.stand_in import play

if TYPE_CHECKING:
    import argparse

DESCRIPTION = """Put rules, and the code that runs by them, into one executable file: an init (PID 1) for one
image. It needs a python3 in PATH, of 3.11 or newer, and nothing else: neither sigroute nor pip,
attrs or tomli. Wrong rules fail here, and not when a container starts."""

EPILOG = """in a Dockerfile, with sigroute in the stage "build":
  RUN sigroute compile nginx -o /nginx-init
  ...
  COPY --from=build /nginx-init /
  ENTRYPOINT ["/nginx-init", "--"]
or, for an image that calls tini:
  RUN sigroute compile --as tini -o /tini
  ...
  COPY --from=build /tini /usr/bin/tini

The file describes itself: INIT --sigroute-rules, INIT --sigroute-version, head -c 700 INIT.

Exit codes: 0 it is written, 64 bad usage, 74 it can't be written, 78 bad rules."""


def main(words: list[str]) -> int:
    """Compile as the command line says; return the exit code."""
    options = parser().parse_args(words)
    try:
        core, about = of_role(options) if options.role else of_rules(options)
        data = bundle(core, about, options.shebang)
    except RuleError as error:
        complain(str(error))
        return BAD_RULES
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


def of_rules(options: argparse.Namespace) -> tuple[Core, About]:
    """Return the parts of an init that runs by rules.

    :raises RuleError: the rules can't be used.
    """
    if options.rules is None:
        parser().error("which rules? FILE or NAME, or --as NAME for another init")
    resolved = load(options.rules, options.on)
    for problem in examine(resolved):
        complain(str(problem))
    launch = Launch(plan=outline(resolved), log_format=options.log, log_level=options.log_level)
    name = printable(Path(resolved.rules.source.name).name)
    return core_of_rules(launch), About(f"rules {name}", render(resolved, options.on))


def of_role(options: argparse.Namespace) -> tuple[Core, About]:
    """Return the parts of an init that stands in for another."""
    if options.rules is not None or options.on:
        parser().error("--as NAME takes no rules: it does what that program does")
    if (options.log, options.log_level) != ("text", "info"):
        parser().error("--as NAME has no log: it says what that program says")
    rules = explain(options.role, ["PROGRAM"], play(options.role, ["PROGRAM"], {}))
    return core_of_role(options.role), About(f"as {options.role}", rules)


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
        "--shebang", metavar="PROGRAM", default=DEFAULT_SHEBANG,
        help="what runs it, for a target whose env can't split or block (busybox): the path of its python3, "
        f"such as /usr/bin/python3 (default: {DEFAULT_SHEBANG})",
    )  # fmt: skip
    return made
