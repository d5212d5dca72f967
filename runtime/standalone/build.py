"""Makes the static sigroute of a runtime, the modules of the command line, and what bundled rules come to."""

from __future__ import annotations

import json
import marshal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import tomli

from runtime.build import link
from runtime.flags import FLAGS
from runtime.standalone.contents import BUILT_IN, DOCUMENTED, INSTEAD, LINKED, MODULES
from runtime.standalone.widths import source_of_widths
from sigroute.cli import COMMANDS
from sigroute.executable import executable
from sigroute.handover import to_wire
from sigroute.language import bundled, load, outline
from sigroute.payload import COMMAND, NO_FORM, payload
from sigroute.pid1.compat import ROLES
from sigroute.pid1.encode import PLAIN
from sigroute.pid1.plan import Launch
from sigroute.static.resident import compiled
from sigroute.static.table import table_of

if TYPE_CHECKING:
    from types import ModuleType

    from runtime.flags import Flags
    from runtime.needs import Tools

HERE = Path(__file__).parent
ROOT = HERE.parent.parent

LOGS = ("text", "json")


def build(tools: Tools, flags: Flags = FLAGS) -> bytes:
    """Return the bytes of the static sigroute: the same for the same sources, tools and flags.

    :raises BuildError: a tool has failed.
    """
    more = "".join(f"each({name})" for name in LINKED)
    program = link(tools, flags.but(f"-DMORE_MODULES(each)={more}"))
    resident = compiled(tools.python)
    rules = {name: bundled.show(name) for name in bundled.names()}
    parts = {
        "start": code_of_start(tools.standard_python),
        "library": library(tools.standard_python),
        "commands": b"".join(f"{name}\0".encode() for name in COMMANDS),
        "roles": b"".join(f"{name}\0".encode() for name in ROLES),
        "bundled": marshal.dumps(rules, PLAIN),
        "version": b"",
        "rules": b"",
        **resident,
        **{f"{name}.{log}": ready_made(name, log, resident["index rules"]) for name in rules for log in LOGS},
    }
    return executable(program, parts, COMMAND)


def ready_made(name: str, log: str, index: bytes) -> bytes:
    """Return what bundled rules come to, which saves their start the compiler."""
    launch = Launch(plan=outline(load(name)), log_format=log)
    return payload(NO_FORM, {"table": table_of(launch), "plan": marshal.dumps(to_wire(launch), PLAIN), "index": index})


def code_of_start(python: str) -> bytes:
    """Return the code of start.py."""
    script = "import marshal, sys; sys.stdout.buffer.write(marshal.dumps(compile(sys.stdin.read(), 'start', 'exec')))"
    source = (HERE / "start.py").read_bytes()
    return subprocess.run([python, "-ISBc", script], check=True, capture_output=True, input=source).stdout


def folder_of(package: ModuleType) -> Path:
    """Return the folder of a package."""
    return Path(*package.__path__[:1])


def library(python: str) -> bytes:
    """Return the modules of the command line, after the size of their index, and that."""
    folders = {str(ROOT), *(str(folder_of(each).parent) for each in (attrs, tomli))}
    wanted = {
        "folders": sorted(folders),
        "modules": MODULES,
        "built_in": BUILT_IN,
        "documented": DOCUMENTED,
        "instead": {name: (ROOT / path).read_text("utf-8") for name, path in INSTEAD.items()}
        | {"unicodedata": source_of_widths()},
    }
    command = [python, "-ISB", str(HERE / "freeze.py")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, input=json.dumps(wanted).encode())
    found: dict[str, tuple[bool, bytes]] = marshal.loads(done.stdout)  # noqa: S302 - our own
    places, begin = {}, 0
    for name, (is_package, code) in found.items():
        places[name] = (is_package, begin, len(code))
        begin += len(code)
    index = marshal.dumps(places, PLAIN)
    return len(index).to_bytes(8, "little") + index + b"".join(code for _, code in found.values())
