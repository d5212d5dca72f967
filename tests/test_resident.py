"""Which bytecode goes into a static init: that of the runtime, this Python's, or none."""

from __future__ import annotations

import ast
import marshal
import sys
from importlib.util import MAGIC_NUMBER

import pytest

from sigroute.bundle import closure, path_of
from sigroute.executable import executable
from sigroute.payload import NONE
from sigroute.static.carried import resident
from sigroute.static.resident import INSTEAD, LATER, ROOTS, compiled
from sigroute.static.runtimes import NoRuntimeError
from sigroute.static.sources import sources
from tests.test_executable import runtime
from tests.test_house import imports

OTHER = b"\0\0\r\n"

#: What a runtime carries, in small.
PARTS = {
    "engine": b"1",
    "core": b"89",
    "posix": b"\0fork\0",
    "modules": b"234567",
    "index rules": marshal.dumps(("b", [("b", 2, 1, False), ("c", 3, 3, True)])),
    "index tini": marshal.dumps(("b", [("a", 0, 2, False), ("b", 2, 1, False)])),
}


def made(magic: bytes, seen: bytes | None) -> bytes:
    """Return a runtime whose Python has this bytecode, built of sources with this hash; None: it has no parts."""
    if seen is None:
        return runtime(magic=magic)
    return executable(runtime(magic=magic), {"sources": seen, **PARTS}, NONE)


@pytest.mark.parametrize("magic", [MAGIC_NUMBER, OTHER])
def test_the_runtime_brings_its_own_of_these_sources(magic: bytes) -> None:
    rules, tini = (resident(made(magic, sources()), kind) for kind in ("rules", "tini"))
    assert (rules["engine"], rules["core"], rules["modules"], tini["modules"]) == (b"1", b"89", b"4567", b"234")
    index = [("b", 0, 1, False), ("c", 1, 3, True)]
    assert marshal.loads(rules["index"]) == ("b", index)
    assert rules["posix"] == b"\0fork\0"


@pytest.mark.parametrize("seen", [b"others", None])
def test_of_other_sources_this_python_makes_it(seen: bytes | None) -> None:
    parts = resident(made(MAGIC_NUMBER, seen), "tini")
    _, index = marshal.loads(parts["index"])
    assert marshal.loads(parts["engine"]).co_name == "<module>"
    assert index[-1][0] == "sigroute.pid1.watch.role"
    assert "sigroute.pid1.compat.tini" in [name for name, _, _, _ in index]
    assert b"\0kill\0" in parts["posix"]
    assert sum(size for _, _, size, _ in index) == len(parts["modules"])


@pytest.mark.parametrize("seen", [b"others", None])
def test_nothing_runs_bytecode_of_other_sources(seen: bytes | None) -> None:
    with pytest.raises(NoRuntimeError, match="built from other sources of sigroute than are here"):
        resident(made(OTHER, seen), "rules")


def test_a_damaged_runtime_is_not_used() -> None:
    with pytest.raises(NoRuntimeError, match="cut off or damaged"):
        resident(made(MAGIC_NUMBER, sources())[:-1], "rules")


def test_a_build_gives_the_same_as_this_python() -> None:
    """It has all kinds in one, and this Python, asked for one kind, compiles what that needs."""
    full = executable(runtime(magic=MAGIC_NUMBER), compiled(sys.executable), NONE)
    for kind in ROOTS:
        assert resident(full, kind) == resident(made(MAGIC_NUMBER, None), kind)


def test_an_import_loads_no_module_that_is_for_later() -> None:
    """Such a module is loaded when a name in it is asked for: by ``from it import name`` that is at once."""
    for name, path in closure(ROOTS["rules"], INSTEAD).items():
        if name not in LATER:
            asked = [node.module for node in ast.parse(path.read_text()).body if isinstance(node, ast.ImportFrom)]
            assert not LATER & {*asked}, name


def test_what_a_function_imports_is_there() -> None:
    """closure() sees only the imports that a module does when it is loaded."""
    files = closure(ROOTS["rules"], INSTEAD)
    for name, path in files.items():
        nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
        asked = [f"{node.module}.{alias.name}" for node in nodes for alias in node.names]
        asked += [node.module for node in nodes if node.module]
        missing = {each for each in asked if path_of(each)} - {*files}
        assert not missing - {"sigroute.pid1.compat.messages"}, name  # that is for the stand-ins of other inits


def test_whatever_a_module_of_a_static_init_imports_is_there() -> None:
    """In its functions, too: no module is found anywhere else."""
    there = closure(ROOTS["rules"], INSTEAD)
    for name, path in there.items():
        ours = {each for each in imports(ast.parse(path.read_text())) if path_of(each) is not None}
        assert ours <= {*there}, name


def test_whatever_is_loaded_later_is_there() -> None:
    assert {*closure([name for names in ROOTS.values() for name in names], INSTEAD)} >= LATER
