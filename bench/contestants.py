"""The contestants: for each, whether it is installed, what it can do, and the command that runs a task under it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from bench import compiled, services
from bench.pid1 import BASE_PYTHON

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.task import Task

#: sigroute's images start it like this: signals are blocked before Python starts.
BLOCKED_BEFORE = ["/usr/bin/env", "--block-signal"]


@attrs.frozen
class Contestant:
    """An init, and what it can do."""

    name: str
    argv: Callable[[Task], list[str]]
    missing: Callable[[], str]
    """Return why it can't take part; empty: it can."""
    copies: bool = False
    """It can run several children."""
    group: bool = False
    """It can signal a process group."""
    forwards: str = ""
    """Why it does not forward USR1 to its child; empty: it does."""


def in_path(program: str) -> Callable[[], str]:
    """Return a function that returns why a program can't be run; empty: it is in PATH."""
    return lambda: "" if shutil.which(program) else f"no {program} in PATH"


def with_rules(task: Task) -> list[str]:
    """Return the command of sigroute that reads its rules as it starts."""
    name = task.bundled
    if not name:
        file = task.folder / "rules.toml"
        file.write_text(task.rules())
        name = str(file)
    return [*BLOCKED_BEFORE, compiled.SIGROUTE, "--rules", name, "--quiet", *_command_line(task)]


def by_name(*command: str | Path) -> list[str]:
    """Return the words of sigroute that begin with it and end before the child's command, with bundled rules."""
    return [*map(str, command), "--rules", "nginx", "--quiet", "--"]


def whole_by_name(task: Task) -> list[str]:
    """Return the command of the static sigroute with bundled rules."""
    return [*by_name(compiled.whole()), *task.command]


def package_by_name(task: Task) -> list[str]:
    """Return the command of the package with bundled rules."""
    return [*by_name(*BLOCKED_BEFORE, compiled.SIGROUTE), *task.command]


def without_rules(task: Task) -> list[str]:
    """Return the command of sigroute as a plain init."""
    return [*BLOCKED_BEFORE, compiled.SIGROUTE, "--quiet", "--", *task.command]


def from_compiled(task: Task) -> list[str]:
    """Return the command of an executable that was compiled beforehand."""
    made = compiled.from_name(task.bundled) if task.bundled else compiled.from_text(task.rules())
    return [str(made), *_command_line(task)]


def compiled_without_rules(task: Task) -> list[str]:
    """Return the command of an executable without rules: it passes on what its child handles."""
    return [str(compiled.from_text("")), "--", *task.command]


def compiled_chain(task: Task) -> list[str]:
    """Return the command of an executable whose rule for USR1 takes the engine: it sends, waits and sends again."""
    return [str(compiled.from_text('[on]\nUSR1 = "USR2 60s USR2"\n')), "--", *task.command]


def bare_python(_task: Task) -> list[str]:
    """Return the command of a Python that only waits."""
    return [BASE_PYTHON, "-I", "-S", "-c", "import _signal; _signal.pause()"]


def as_tini(task: Task) -> list[str]:
    """Return the command of an executable that stands in for tini."""
    return [str(compiled.from_role("tini")), *(["-g"] if task.group else []), "--", *task.command]


def _command_line(task: Task) -> list[str]:
    return ["--", *task.command] if task.copies == 1 else []


def tini(task: Task) -> list[str]:
    """Return the command of tini."""
    return ["tini", *(["-g"] if task.group else []), "--", *task.command]


def catatonit(task: Task) -> list[str]:
    """Return the command of catatonit."""
    return ["catatonit", *(["-g"] if task.group else []), "--", *task.command]


def dumb_init(task: Task) -> list[str]:
    """Return the command of dumb-init, which always signals the process group."""
    return ["dumb-init", *task.command]


def floor(task: Task) -> list[str]:
    """Return the command of the floor."""
    return [BASE_PYTHON, "-I", "-S", str(Path(__file__).with_name("floor.py")), str(task.copies), *task.command]


COMPILED = Contestant("sigroute (compiled)", from_compiled, compiled.why_not, copies=True)
RULES = Contestant("sigroute (rules)", with_rules, in_path(compiled.SIGROUTE), copies=True)
RULES_NGINX = Contestant("sigroute (rules, nginx)", package_by_name, in_path(compiled.SIGROUTE))
WHOLE_NGINX = Contestant("sigroute (static sigroute, nginx)", whole_by_name, compiled.why_not_whole)
COMPILED_NO_RULES = Contestant("sigroute (compiled, no rules)", compiled_without_rules, compiled.why_not)
COMPILED_CHAIN = Contestant("sigroute (compiled, a chain)", compiled_chain, compiled.why_not)
BARE_PYTHON = Contestant("bare python3", bare_python, in_path(BASE_PYTHON))
AS_TINI = Contestant("sigroute (compiled as tini)", as_tini, compiled.why_not, group=True)
NO_RULES = Contestant("sigroute (no rules)", without_rules, in_path(compiled.SIGROUTE))
TINI = Contestant("tini", tini, in_path("tini"), group=True)
DUMB_INIT = Contestant("dumb-init", dumb_init, in_path("dumb-init"), group=True)
CATATONIT = Contestant("catatonit", catatonit, in_path("catatonit"), group=True)
S6 = Contestant("s6-svscan", services.s6, in_path("s6-svscan"))
SUPERVISORD = Contestant(
    "supervisord", services.supervisord, in_path("supervisord"), copies=True, forwards="USR1 is not for its programs"
)
FLOOR = Contestant("floor", floor, in_path(BASE_PYTHON), copies=True)

#: In the order of every table.
ALL = (COMPILED, RULES, TINI, DUMB_INIT, CATATONIT, S6, SUPERVISORD, FLOOR)
