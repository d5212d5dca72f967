"""The kernel refuses memory to a Python that comes up: all of it, some of it, once, from some call on.

SIGROUTE_REFUSALS=all tries every step; else it is a sample.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need
from tests.real.traffic import until
from tests.runtime.bring_up.life import Life, Scene, live

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL = os.environ.get("SIGROUTE_REFUSALS") == "all"

KB = 1024

#: Address space, in kilobytes: from less than the file itself takes to more than Python needs, in small steps where it
#: begins to suffice.
LIMITS = [*range(4096, 16384, 64), *range(7168, 9216, 16)] if ALL else [4096, 6144, 7424, 8320, 8384, 8448, 9216, 16384]

#: Which call of brk(2) is refused: of a bring-up, and then of the engine.
CALLS = range(1, 18) if ALL else (1, 3, 4, 8)

NO_MEMORY = "there is no memory for Python"


def size_of(pid: int) -> int:
    """Return how much address space a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[0]) * resource.getpagesize()


@pytest.mark.parametrize("limit", LIMITS)
def test_address_space_is_limited_meanwhile(scene: Scene, limit: int) -> None:
    life = live(scene, lambda pid: resource.prlimit(pid, resource.RLIMIT_AS, (limit * KB, limit * KB)))
    assert not life.faults()
    assert life.reasons in ([], [NO_MEMORY])


def test_where_memory_is_enough_python_comes_up_and_where_it_is_not_nothing_is_tried(scene: Scene) -> None:
    def limit(more: int) -> Life:
        return live(scene, lambda pid: resource.prlimit(pid, resource.RLIMIT_AS, (size_of(pid) + more,) * 2))

    assert limit(3 * KB * KB).reasons == []
    assert limit(3 * KB * KB - 4 * KB).reasons == [NO_MEMORY]


@pytest.mark.parametrize("limit", [6144, 8192, 9216])
def test_address_space_is_limited_from_the_start(scene: Scene, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    need(shutil.which("prlimit"), "prlimit")
    monkeypatch.setenv("SIGROUTE_ENGINE", "early")
    life = live(scene, before=["prlimit", f"--as={limit * KB}"])
    assert not life.faults()
    assert life.reasons == ([] if limit > 9000 else [NO_MEMORY])


def specifications() -> Iterator[tuple[str, ...]]:
    """Yield what is refused: strace(1), "inject". A brk(2) that fails returns another address than the one asked for.

    The first mmap(2) asks whether there is memory. malloc(3) asks brk(2) first, then mmap(2).
    """
    for each in CALLS:
        yield (f"brk:retval=0:when={each}",)
        yield (f"brk:retval=0:when={each}+",)
        for calls in ("2+", "2", "3"):
            yield f"brk:retval=0:when={each}{'+' * (calls == '2+')}", f"mmap:error=ENOMEM:when={calls}"
    yield ("mmap:error=ENOMEM:when=1",)
    yield ("munmap:error=ENOMEM:when=1",)
    yield ("mmap:error=ENOMEM:when=2+",)


@pytest.mark.parametrize("refused", [*specifications()], ids="-".join)
def test_a_call_for_memory_is_refused(scene: Scene, refused: tuple[str, ...]) -> None:
    assert not refusing(scene, *refused).faults()


@pytest.mark.parametrize("when", [1, 4, 8])
def test_brk_lies_and_python_crashes(scene: Scene, when: int) -> None:
    """The address that it returns then is none: the C library takes it for the end of its memory."""
    life = refusing(scene, f"brk:error=ENOMEM:when={when}")
    assert not life.faults()
    assert life.reasons == ["Python has crashed (SIGSEGV)"]


def refusing(scene: Scene, *refused: str) -> Life:
    """Live while strace refuses calls."""
    need(shutil.which("strace"), "strace")
    log = scene.folder / "strace"
    tracers = []

    def trace(pid: int) -> None:
        options = [word for each in refused for word in ("-e", f"inject={each}")]
        command = [
            "strace",
            "-qq",
            "-o",
            str(log),
            "-p",
            str(pid),
            "-e",
            "trace=mmap,brk,munmap,rt_sigtimedwait",
            *options,
        ]
        tracers.append(subprocess.Popen(command, stdin=subprocess.DEVNULL))
        until(lambda: log.exists() and "rt_sigtimedwait(~[" in log.read_text(), "strace is there")

    try:
        life = live(scene, trace)
    finally:
        for tracer in tracers:
            tracer.kill()
            tracer.wait()
    assert ALL or "INJECTED" in log.read_text()
    return life
