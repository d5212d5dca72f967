"""The file of a compiled init, which needs nothing but a python3, and its layout.

    first line          ``#!`` with code that reads HEAD bytes and runs them
    rest of HEAD        comments for people; OPEN, which refuses the file if any later byte has changed
    START               the table of the parts; code that loads the first
    first, later        modules that start the command, and those loaded while it starts: bytecode (marshal)
    asked               modules that only other processes load, as they serve the control socket or ask there
    the same as source  for a Python with other bytecode
    plan                what the first start needs; the rest of the plan, encoded (marshal)
    about               its version, and the text of its rules (marshal)

The same input gives the same bytes.
"""

from __future__ import annotations

import _imp
import ast
import marshal
import subprocess
import sys
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from sigroute import __version__
from sigroute.handover import to_wire
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.pid1.engine import many
from sigroute.shebang import DEFAULT_SHEBANG, first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sigroute.about import About
    from sigroute.pid1.plan import Launch, Plan

PACKAGE = Path(__file__).parent

#: Sizes in bytes: of what the first line reads and runs; of all before the parts, with START.
HEAD, BEGIN = 4096, 5120

#: Loaded while the command starts.
LATER = ("sigroute.pid1.entry.supervise", "sigroute.pid1.entry.command", "sigroute.pid1.entry.about")

#: As well where rules have variables, or instances.
EXPAND, INSTANCES = "sigroute.pid1.entry.expand", "sigroute.pid1.entry.instances"

#: As well where the first start waits for the plan: the records that it may have.
RECORDS = ("sigroute.pid1.condition", "sigroute.pid1.lifecycle", "sigroute.pid1.template")

#: As well where a child says itself when it is ready.
CHANNELS = ("sigroute.pid1.kernel.channels", "sigroute.pid1.kernel.notices", "sigroute.pid1.kernel.telling")

#: As well where there is a control socket; and what is loaded only in the processes that serve it, or ask there.
CONTROL = (
    "sigroute.pid1.control.counts",
    *[f"sigroute.pid1.engine.{name}" for name in many.ASKED],
    "sigroute.pid1.kernel.control",
    "sigroute.pid1.kernel.control_socket",
    "sigroute.pid1.kernel.notices",
)
ASKED = ("sigroute.pid1.kernel.control_server", "sigroute.pid1.kernel.asking")

BROKEN = ": cannot run: it is not as it was compiled (cut off, edited, converted?); copy it or compile it once more\n"

OLD = ": cannot run: it needs Python 3.11 or newer, and python3 is older\n"

#: What the first line runs, on any Python 3. It checks all bytes but its own, and so is short. Then START goes on, and
#: takes the rest of the file out of the list.
OPEN = """
def start():
    import posix, sys
    code, why = None, BROKEN
    try:
        if sys.version_info < (3, 11):
            why = OLD
        else:
            import _imp
            rest = [f.read()]
            f.close()
            if len(rest[0]) == SIZE and _imp.source_hash(SIZE, rest[0]) == SEAL:
                code = rest[0][:START]
    except Exception:
        code = None
    if code is not None:
        exec(code, {"rest": rest})
    try:
        posix.write(2, (sys.argv[1] + why).encode("utf-8", "replace"))
    finally:
        posix._exit(126)
"""

START = """
import _signal, marshal
from _frozen_importlib_external import MAGIC_NUMBER
try:
    blocked = _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals())
except OSError:
    blocked = set()
form = "bytecode" if MAGIC_NUMBER == MAGIC else "source"
begin, size = MADE["first " + form]
boot, *modules = marshal.loads(rest[0][begin:begin + size])
names = {}
exec(boot[1], names)
names["boot"](rest, MADE, form, modules, blocked)
"""

TITLE = """An init (PID 1) for containers: signals reach its command by the rules compiled in, zombies are reaped.
It is a program, made by sigroute compile, and no text: an editor breaks it. It needs a python3, 3.11 or newer."""

USAGE = "INIT {usage}   INIT --sigroute-rules   INIT --sigroute-version   INIT --sigroute status"


@attrs.frozen
class Core:
    """What makes one init differ from another."""

    first: tuple[str, ...]
    """The modules to load before the command starts; the last one has ``main``."""
    later: tuple[str, ...]
    """The modules to load while it starts."""
    data: bytes
    """The part ``plan`` (marshal)."""
    asked: tuple[str, ...] = ()
    """The modules to load in a process that serves the control socket, or asks there."""
    usage: str = "[--] COMMAND..."


def core_of_rules(launch: Launch) -> Core:
    """Return the core of an init with rules.

    :param launch: its plan is complete but for the command line.
    """
    wire = to_wire(launch)
    records = RECORDS if wire[0] is None else ()
    worlds = ("sigroute.pid1.kernel.world",) if launch.plan.has_worlds() else ()
    helpers = ("sigroute.pid1.kernel.helpers",) if may_have_helpers(launch.plan) else ()
    further = ("sigroute.pid1.kernel.further_starts",) if launch.plan.many or helpers else ()
    conditions = ("sigroute.pid1.kernel.conditions",) if launch.plan.has_conditions() else ()
    channels = CHANNELS if launch.plan.has_channels() else ()
    watches = ("sigroute.pid1.kernel.watches", "sigroute.pid1.kernel.notices") if launch.plan.has_watches() else ()
    counted = any(template.becomes == "count" for template in launch.plan.templates)
    made = (EXPAND, *((INSTANCES,) if counted else ())) if launch.plan.templates else ()
    looks = ("sigroute.pid1.kernel.listening",) if launch.plan.many else ()
    idle = ("sigroute.pid1.kernel.connections",) if launch.plan.has_idle() else ()
    many = (*many_of(launch.plan), *looks, *idle)
    journal = ("sigroute.pid1.journal.observer",) if launch.plan.journal else ()
    control = CONTROL if launch.plan.control else ()
    later = (
        *LATER, *records, *made, *worlds, *conditions, *helpers, *further, *channels, *watches, *many, *journal,
        *control,
    )  # fmt: skip
    asked = ASKED if launch.plan.control else ()
    return Core(("sigroute.pid1.entry.compiled",), later, marshal.dumps(wire, PLAIN), asked)


def may_have_helpers(plan: Plan) -> bool:
    """Tell whether an output goes through a process of sigroute's own, or may do so by a variable."""
    return plan.has_helpers() or any(each.target[-1] == "output" for each in plan.templates)


def many_of(plan: Plan) -> tuple[str, ...]:
    """Return the modules that this plan needs for its several children."""
    names = many.NAMES if plan.many else many.SEVERAL if plan.is_accounted() else ()
    return tuple([f"sigroute.pid1.engine.{name}" for name in names])


def core_of_role(name: str) -> Core:
    """Return the core of a stand-in for another init."""
    module = f"sigroute.pid1.compat.{ROLES[name]}"
    data = marshal.dumps((module, __version__), PLAIN)
    later = (*LATER, "sigroute.pid1.compat.messages", "sigroute.pid1.compat.routes_plan")
    return Core((module, "sigroute.pid1.compat.compiled_role"), later, data, usage=f"... as {name}")


def bundle(core: Core, about: About, shebang: str = DEFAULT_SHEBANG) -> bytes:
    """Return the bytes of an init.

    :raises ShebangError: the first line cannot name this interpreter.
    """
    line = first_line(shebang)
    version = (
        f"sigroute {__version__}\n"
        f"{about}\n"
        f"bytecode for {sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}\n"
    )
    boot = {
        "sigroute.pid1.entry.boot": PACKAGE / "pid1" / "entry" / "boot.py"
    }  # the first of the first, as START expects it
    first = boot | closure(core.first)
    later = {name: path for name, path in closure(core.later).items() if name not in first}
    asked = {name: path for name, path in closure(core.asked).items() if name not in first | later}
    data = {
        "first bytecode": bytecode(first),
        "later bytecode": bytecode(later),
        "asked bytecode": bytecode(asked),
        "first source": source(first),
        "later source": source(later),
        "asked source": source(asked),
        "plan": core.data,
        "about": marshal.dumps((version, about.rules), PLAIN),
    }
    rest = start(data) + b"".join(data.values())
    return head(line, version, USAGE.format(usage=core.usage), rest) + rest


def closure(roots: Iterable[str], instead: Mapping[str, Path] = MappingProxyType({})) -> dict[str, Path]:
    """Return these modules and all modules of sigroute that they import, each after those that it needs.

    :param instead: files of modules that are not those in the package.
    """
    found: dict[str, Path] = {}

    def visit(name: str) -> None:
        path = instead.get(name) or path_of(name)
        if path is None or name in found:
            return
        package = name.rpartition(".")[0]
        if package:
            visit(package)
        for each in imported(ast.parse(path.read_bytes())):
            visit(each)
        found[name] = path

    for root in roots:
        visit(root)
    return found


def path_of(name: str) -> Path | None:
    """Return the file of a module of sigroute; None for anything else."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    if not name.startswith("sigroute"):
        return None
    return next((each for each in (path / "__init__.py", path.with_suffix(".py")) if each.is_file()), None)


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the modules that are imported when a module is loaded. Imports for type checkers are left out."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def bytecode(modules: dict[str, Path], python: str = sys.executable, *options: str) -> bytes:
    """Return modules as bytecode, compiled in a process of its own (bytecode.py).

    :param python: the Python that compiles them.
    """
    words = [f"{path}:{name}" for name, path in modules.items()]
    command = [python, "-ISB", str(PACKAGE / "bytecode.py"), *options, *words]
    return subprocess.run(command, check=True, capture_output=True).stdout  # noqa: S603 - our own


def source(modules: dict[str, Path]) -> bytes:
    """Return modules as source."""
    return marshal.dumps(tuple((name, path.read_text("utf-8")) for name, path in modules.items()), PLAIN)


def start(data: dict[str, bytes]) -> bytes:
    """Return the table of the parts, each with its place after HEAD, and the code that loads the first."""
    made, begin = {}, BEGIN - HEAD
    for name, part in data.items():
        made[name] = (begin, len(part))
        begin += len(part)
    return filled(f"MADE = {made!r}\nMAGIC = {MAGIC_NUMBER!r}{START}", BEGIN - HEAD)


def head(line: str, version: str, usage: str, rest: bytes) -> bytes:
    """Return the first HEAD bytes: comments for people, and the code that the first line runs."""
    comments = [f"# {text}" if text else "#" for text in (*TITLE.splitlines(), "", *version.splitlines(), "", usage)]
    known = {
        "SIZE": len(rest), "SEAL": _imp.source_hash(len(rest), rest), "START": BEGIN - HEAD,
        "OLD": OLD, "BROKEN": BROKEN,
    }  # fmt: skip
    return filled("\n".join([line, *comments, *(f"{name} = {value!r}" for name, value in known.items()), OPEN]), HEAD)


def filled(text: str, size: int) -> bytes:
    """Return a text, padded to so many bytes."""
    data = text.encode("ascii", "backslashreplace")
    if len(data) >= size:
        message = f"{len(data)} bytes do not go into {size}"
        raise AssertionError(message)
    return data.ljust(size - 1) + b"\n"
