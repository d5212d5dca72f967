"""Which bytecode goes into a static init: that of the runtime, this Python's, or none."""

from __future__ import annotations

import marshal
import sys
from importlib.util import MAGIC_NUMBER

import pytest

from sigroute.executable import executable
from sigroute.payload import NONE
from sigroute.static.carried import resident
from sigroute.static.resident import ROOTS, compiled
from sigroute.static.runtimes import NoRuntimeError
from sigroute.static.sources import sources
from tests.test_executable import runtime

OTHER = b"\0\0\r\n"

#: What a runtime carries, in small.
PARTS = {
    "engine": b"1",
    "modules": b"234567",
    "index rules": marshal.dumps(([("b", 2, 1, False), ("c", 3, 3, True)], frozenset(["fork"]))),
    "index tini": marshal.dumps(([("a", 0, 2, False), ("b", 2, 1, False)], frozenset())),
}


def made(magic: bytes, seen: bytes | None) -> bytes:
    """Return a runtime whose Python has this bytecode, built of sources with this hash; None: it has no parts."""
    if seen is None:
        return runtime(magic=magic)
    return executable(runtime(magic=magic), {"sources": seen, **PARTS}, NONE)


@pytest.mark.parametrize("magic", [MAGIC_NUMBER, OTHER])
def test_the_runtime_brings_its_own_of_these_sources(magic: bytes) -> None:
    rules, tini = (resident(made(magic, sources()), kind) for kind in ("rules", "tini"))
    assert (rules["engine"], rules["modules"], tini["modules"]) == (b"1", b"4567", b"234")
    index = [("b", 0, 1, False), ("c", 1, 3, True)]
    assert marshal.loads(rules["index"]) == (index, frozenset(["fork"]))


@pytest.mark.parametrize("seen", [b"others", None])
def test_of_other_sources_this_python_makes_it(seen: bytes | None) -> None:
    parts = resident(made(MAGIC_NUMBER, seen), "tini")
    index, used = marshal.loads(parts["index"])
    assert marshal.loads(parts["engine"]).co_name == "<module>"
    assert index[-1][0] == "sigroute.pid1.watch.role"
    assert "sigroute.pid1.compat.tini" in [name for name, _, _, _ in index]
    assert "kill" in used
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
