"""Memory that others use: a control group that is full, and pages of the file that are no longer in memory."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.real.container import state
from tests.real.require import need
from tests.real.traffic import until
from tests.runtime.bring_up.life import Scene, live

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

KB = 1024

#: What the child has, in megabytes: most of the memory, as a server has.
SERVER = "16"

#: Bytes that are left: the child forks, but no Python comes up.
LEFT = 400 * KB

#: With Python in it, PID 1 has more anonymous memory than this.
WITH_PYTHON = 1000 * KB


@dataclass
class Group:
    """A control group for memory (cgroups(7)), and the names of its files."""

    path: Path
    usage: str
    limit: str
    events: str

    def fill(self) -> None:
        """Leave next to nothing to its processes."""
        used = int((self.path / self.usage).read_text())
        (self.path / self.limit).write_text(str(used + LEFT))

    def killed(self) -> int:
        """Return how many processes the kernel has ended for the others' sake."""
        found = re.search(r"oom_kill (\d+)", (self.path / self.events).read_text())
        assert found
        return int(found[1])


@contextmanager
def group() -> Iterator[Group]:
    """Make a group, of version 1 or 2."""
    name, top = f"sigroute-test-{os.getpid()}", Path("/sys/fs/cgroup")
    if (top / "memory").is_dir():
        made = Group(top / "memory" / name, "memory.usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control")
    else:
        made = Group(top / name, "memory.current", "memory.max", "memory.events")
    try:
        made.path.mkdir()
    except OSError as error:
        need(ok=False, reason=f"a control group ({error})")
    try:
        need((made.path / made.limit).exists(), "a control group for memory")
        yield made
    finally:
        until(lambda: not (made.path / "cgroup.procs").read_text(), "the group is empty")
        made.path.rmdir()


def inside(group: Group) -> list[str]:
    """Return a command that runs another in the group, with a child of that size."""
    return ["sh", "-c", f'echo $$ > {group.path}/cgroup.procs; exec "$@" {SERVER}', "sh"]


def own_memory(pid: int) -> int:
    """Return how much memory a process has for itself."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("RssAnon"))
    return int(line.split()[1]) * KB


def test_python_that_is_there_takes_no_memory_from_a_server_that_stops(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIGROUTE_ENGINE", "early")
    with group() as full:

        def fill(pid: int) -> None:
            until(lambda: own_memory(pid) > WITH_PYTHON and state(pid) == "S", "Python is there")
            full.fill()

        life = live(scene, fill, before=inside(full))
        assert not life.faults()
        assert life.reasons == []
        assert not full.killed()


def test_without_that_the_kernel_ends_the_largest_process_and_pid_1_reports_it(scene: Scene) -> None:
    with group() as full:
        life = live(scene, lambda _pid: full.fill(), before=inside(full))
        assert full.killed() == 1
        assert life.code == 128 + 9
        assert "ends with 137" in life.log


def test_the_kernel_has_dropped_what_was_not_in_use(scene: Scene) -> None:
    need(shutil.which("fincore"), "fincore")
    init = Path(shutil.copy(scene.init, scene.folder / "init"))
    with init.open("rb") as file:
        os.fsync(file.fileno())

        def drop(_pid: int) -> None:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            need(resident(init) < init.stat().st_size // 2, "a disk (not tmpfs) for the temporary folder")

        life = live(Scene(scene.folder, init, scene.child), drop)
    assert not life.faults()
    assert life.reasons == []


def resident(path: Path) -> int:
    """Return how many bytes of a file are in memory."""
    done = subprocess.run(["fincore", "-nbo", "RES", path], check=True, capture_output=True, text=True)
    return int(done.stdout)
