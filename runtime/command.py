"""``python -m runtime build``, ``python -m runtime sigroute``."""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path
from typing import NoReturn

from runtime.build import BuildError, build
from runtime.machines import MACHINES
from runtime.needs import MissingError, find
from runtime.record import add_sums, record, record_whole
from runtime.standalone.build import build as build_whole
from sigroute.pid1.exit_codes import CANNOT_WRITE, FAILURE, SUCCESS, USAGE
from sigroute.static.runtimes import FOLDER

DESCRIPTION = """Build the runtime: a static executable with a small Python in it. `sigroute compile` makes inits from
it, which run in any image for that machine."""

WHOLE = """Build sigroute itself as one static file: every command but `demo` and `compile --python`, with the
bundled rules. It runs in any image for that machine, and needs neither Python nor C library nor /proc."""

EPILOG = """This takes Debian's packages: gcc and libpython3.11-dev for this machine; gcc-aarch64-linux-gnu and
libpython3.11-dev:arm64 for aarch64 on x86_64; python3.11-minimal, unless this runs under Python 3.11. If one is
missing, the error names it. The same sources and packages give the same bytes. Two files go beside the runtime:
FILE.txt says what was linked in, and SHA256SUMS has the checksums."""


class Parser(argparse.ArgumentParser):
    """A parser with sigroute's exit code for wrong usage."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.exit(USAGE, f"{self.prog}: {message}\n{self.format_usage()}")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = Parser(prog="python -m runtime", description="Build what goes into a compiled init.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=Parser)
    build = commands.add_parser("build", help="build the runtime", description=DESCRIPTION, epilog=EPILOG)
    whole = commands.add_parser("sigroute", help="build the static sigroute", description=WHOLE, epilog=EPILOG)
    for each, default in ((build, "where sigroute compile finds it"), (whole, "dist/sigroute-ARCH")):
        each.add_argument(
            "--arch", choices=MACHINES, default=platform.machine(), help="the machine it is for (default: this one)"
        )
        each.add_argument("-o", dest="output", type=Path, metavar="FILE", help=f"write it here (default: {default})")
    return top


def main(words: list[str]) -> int:
    """Do what the command line says; return the exit code."""
    options = parser().parse_args(words)
    if options.arch not in MACHINES:  # a default is not checked against the choices
        parser().error(f"this machine is {options.arch}; say --arch {' or '.join(MACHINES)}")
    whole = options.command == "sigroute"
    path = options.output or (Path("dist") / f"sigroute-{options.arch}" if whole else FOLDER / options.arch)
    try:
        tools = find(MACHINES[options.arch], is_command=whole)
        data = build_whole(tools) if whole else build(tools)
        about = (record_whole if whole else record)(tools, options.arch)
    except (MissingError, BuildError) as error:
        return failed(error, FAILURE)
    try:
        write(path, data, about)
    except OSError as error:
        return failed(f"cannot write {path}: {error.strerror}", CANNOT_WRITE)
    sys.stdout.write(f"{path}: {len(data) // 1000} kB\n")
    return SUCCESS


def write(path: Path, data: bytes, about: str) -> None:
    """Write a program, what it was linked from, and the checksums of both.

    :raises OSError: it can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o755)
    text = path.with_name(f"{path.name}.txt")
    text.write_text(about)
    add_sums(path, text)


def failed(why: object, code: int) -> int:
    """Say why; return the exit code."""
    sys.stderr.write(f"python -m runtime: {why}\n")
    return code
