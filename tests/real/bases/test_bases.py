"""Each kind of root, confined in each way: stops by rules, one that escalates, reload, orphans, exit codes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sigroute.compile import main
from tests.compiled import compiled
from tests.real import nginx
from tests.real.bases.folders import HERE, KINDS, add, folder
from tests.real.container import Container, children
from tests.real.require import need
from tests.real.traffic import Load, Upstream, accepts, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator

RULES = """
[child.server]
program = ["server", "web"]
[child.server.on]
stop = "QUIT"
INT  = "TERM 1s TERM 1s KILL"
USR1 = "HUP"
"""

#: In the namespaces of a container: have this root, once more and read-only but for /tmp, with a /proc or without; then
#: the words.
ENTERS = """
mount --make-rprivate / && mount --bind "$0" "$0" && { [ "$1" = bare ] || mount -t proc none "$0/proc"; } &&
mount -t tmpfs none "$0/tmp" &&
mount -o remount,bind,ro "$0" && shift && exec "$@"
"""

IN_FLIGHT = 200

#: Bytes of memory that a container may have where it is confined.
MEMORY = 16 << 20


@pytest.fixture(scope="session", name="roots")
def _roots(
    tmp_path_factory: pytest.TempPathFactory,
    runtimes: Path,  # noqa: ARG001 - it is needed
    whole: Path,
) -> dict[str, Path]:
    need(os.geteuid() == 0 and shutil.which("cc"), "root and a C compiler")
    made = tmp_path_factory.mktemp("roots")
    for each in (made, *made.parents[:2]):
        each.chmod(0o755)
    init = compiled(made, RULES, form="static")
    helper = made / "confine"
    subprocess.run(["cc", "-O2", "-static", "-o", helper, HERE / "server.c"], check=True)
    roots = {kind: folder(kind, made / kind, init) for kind in KINDS}
    for root in roots.values():
        shutil.copy(whole, root / "sigroute")
        (root / "rules.toml").write_text(RULES)
    return {"helper": helper, **roots}


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
        if group.exists():
            group.rmdir()
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
    init: str = "/init"

    def enter(self, *words: str) -> list[str]:
        """Return the command that runs the init there, without a capability."""
        confine = [str(self.helper), "confine", str(self.root), str(self.user), self.init, *words]
        enter = ["sh", "-c", ENTERS, str(self.root), "proc" if self.proc else "bare", *confine]
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self.memory), *enter]


@pytest.fixture(params=KINDS, name="root")
def _root(request: pytest.FixtureRequest, roots: dict[str, Path]) -> Where:
    return Where(roots[request.param], roots["helper"])


@pytest.fixture(params=[0, 12345], ids=["root", "12345"], name="where")
def _where(request: pytest.FixtureRequest, root: Where) -> Where:
    return root._replace(user=request.param)


def reaps_and_stops(container: Container) -> None:
    """Have the server make its orphans, which are all reaped; then stop it."""
    container.send(signal.SIGUSR2)
    container.said("orphans made")
    until(lambda: len(children(container.pid)) == 1, "no zombie is left")
    container.send(signal.SIGTERM)
    assert container.wait() == 7


#: What runs the server, a compiled init or the static sigroute with a rule file; whether there is a /proc.
LIVES = {
    "proc": (["/init"], True),
    "no proc": (["/init"], False),
    "sigroute, no proc": (["/sigroute", "--rules", "/rules.toml", "--"], False),
}


@pytest.mark.parametrize(("words", "proc"), LIVES.values(), ids=LIVES)
def test_a_life(where: Where, tmp_path: Path, words: list[str], proc: bool) -> None:  # noqa: FBT001 - a parameter
    init, *options = words
    with Container(tmp_path, where._replace(proc=proc, init=init).enter(*options, "/server")) as container:
        container.said("ready")
        container.send(signal.SIGUSR1)
        container.said("reloads")
        reaps_and_stops(container)
        assert "can be written" not in container.log()
        assert ("no /proc here" in container.log()) == (not proc)


def test_many_orphans_in_little_memory(root: Where, tmp_path: Path, limited: Path) -> None:
    with Container(tmp_path, root._replace(user=12345, memory=limited).enter("/server", "paced")) as container:
        container.said("ready")
        reaps_and_stops(container)


def test_a_stop_under_load_loses_nothing(where: Where, tmp_path: Path, limited: Path) -> None:
    """What is in flight is finished, after a reload during the stop; then it ends."""
    port = free_port()
    with Container(tmp_path, where._replace(memory=limited).enter("/web", str(port))) as container:
        container.said("ready")
        load = Load(port, IN_FLIGHT).start()
        container.send(signal.SIGTERM)
        until(lambda: not accepts(port), "the server has closed its port")
        assert load.ended() == 0
        container.send(signal.SIGUSR1)
        assert load.lost() == 0
        assert container.wait() == 7


@pytest.fixture(params=["Debian", "Alpine"], name="with_nginx")
def _with_nginx(request: pytest.FixtureRequest, roots: dict[str, Path], limited: Path) -> Where:
    """Debian's nginx in a root, with the rules that are bundled for it."""
    root = roots[request.param]
    add("nginx", root)
    assert main(["nginx", "-o", str(root / "nginx-init")]) == 0
    return Where(root, roots["helper"], user=12345, memory=limited, init="/nginx-init")


def test_nginx_is_reloaded_and_stopped_under_load(with_nginx: Where, tmp_path: Path) -> None:
    port = free_port()
    with Upstream() as upstream:
        made = nginx.configured("/tmp", port, nginx.before_http(upstream.port))
        (with_nginx.root / "nginx.conf").write_text(made)
        words = ["/nginx", "-e", "/tmp/error.log", "-c", "/nginx.conf", "-g", "daemon off;"]
        with Container(tmp_path, with_nginx.enter("--", *words)) as container:
            until(lambda: not quick(port) or not container.running(), "nginx serves")
            load = Load(port, IN_FLIGHT).start()
            before = container.processes("nginx: worker process")
            container.send(signal.SIGHUP)
            until(lambda: len(container.processes("nginx: worker process") - before) == 2, "new workers are there")
            assert not quick(port)
            container.send(signal.SIGTERM)
            load.finishes(upstream)
            assert container.wait() == 0


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
