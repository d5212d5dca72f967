"""Each kind of root, confined in each way: stops by rules, one that escalates, reload, orphans, exit codes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.compiled import compiled
from tests.real.bases.folders import HERE, KINDS, folder
from tests.real.container import Container, children
from tests.real.require import need
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = """
[child.server]
program = "server"
[child.server.on]
stop = "QUIT"
INT  = "TERM 300ms TERM 300ms KILL"
USR1 = "HUP"
"""

#: In the namespaces of a container: have this root, once more and read-only, with a /proc or without; then the words.
ENTERS = """
mount --make-rprivate / && mount --bind "$0" "$0" && { [ "$1" = bare ] || mount -t proc none "$0/proc"; } &&
mount -o remount,bind,ro "$0" && shift && exec "$@"
"""

#: Bytes of memory that a container may have where it is confined.
MEMORY = 16 << 20


@pytest.fixture(scope="session", name="roots")
def _roots(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> dict[str, Path]:  # noqa: ARG001 - it is needed
    need(os.geteuid() == 0 and shutil.which("cc"), "root and a C compiler")
    made = tmp_path_factory.mktemp("roots")
    for each in (made, *made.parents[:2]):
        each.chmod(0o755)
    init = compiled(made, RULES, form="static")
    helper = made / "confine"
    subprocess.run(["cc", "-O2", "-static", "-o", helper, HERE / "server.c"], check=True)
    return {"helper": helper, **{kind: folder(kind, made / kind, init) for kind in KINDS}}


@pytest.fixture(name="limited")
def _limited() -> Iterator[Path]:
    """A memory cgroup of so little memory; whoever is written to its cgroup.procs is in it."""
    parent = next((each for each in (Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")) if each.exists()), None)
    need(parent, "a memory cgroup")
    assert parent
    group = parent / f"sigroute-test-{os.getpid()}"
    try:
        group.mkdir()
        limit = next(group / name for name in ("memory.limit_in_bytes", "memory.max") if (group / name).exists())
        limit.write_text(str(MEMORY))
    except (OSError, StopIteration) as error:
        need(ok=False, reason=f"a memory cgroup: {error}")
    yield group / "cgroup.procs"
    until(lambda: not (group / "cgroup.procs").read_text(), "nobody is in it")
    group.rmdir()


class Where(NamedTuple):
    """A root, and what a container there has."""

    root: Path
    helper: Path
    user: int = 0
    proc: bool = True
    memory: Path = Path("/dev/null")

    def enter(self, *words: str) -> list[str]:
        """Return the command that runs the init there, without a capability."""
        confine = [str(self.helper), "confine", str(self.root), str(self.user), "/init", *words]
        enter = ["sh", "-c", ENTERS, str(self.root), "proc" if self.proc else "bare", *confine]
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.memory), *enter]


@pytest.fixture(params=KINDS, name="root")
def _root(request: pytest.FixtureRequest, roots: dict[str, Path]) -> Where:
    return Where(roots[request.param], roots["helper"])


@pytest.fixture(params=[0, 12345], ids=["root", "12345"], name="where")
def _where(request: pytest.FixtureRequest, root: Where) -> Where:
    return root._replace(user=request.param)


@pytest.mark.parametrize("proc", [True, False], ids=["proc", "no proc"])
def test_a_life(where: Where, tmp_path: Path, *, proc: bool) -> None:
    with Container(tmp_path, where._replace(proc=proc).enter("/server")) as container:
        container.said("ready")
        container.send(signal.SIGUSR1)
        container.said("reloads")
        container.send(signal.SIGUSR2)
        container.said("orphans made")
        until(lambda: len(children(container.pid)) == 1, "no zombie is left")
        container.send(signal.SIGTERM)
        assert container.wait() == 7
        assert "can be written" not in container.log()
        assert ("no /proc here" in container.log()) == (not proc)


def test_a_stop_that_escalates_in_little_memory(where: Where, tmp_path: Path, limited: Path) -> None:
    with Container(tmp_path, where._replace(memory=limited).enter("/server")) as container:
        container.said("ready")
        container.send(signal.SIGINT)
        assert container.wait() == 128 + signal.SIGKILL
        assert container.log().count("deaf to TERM") == 2


@pytest.mark.parametrize(("words", "code"), [(("/server", "exit", "3"), 3), (("/nothing",), 127), (("/proc",), 126)])
def test_exit_codes(root: Where, tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    with Container(tmp_path, root.enter("--", *words)) as container:
        assert container.wait() == code
