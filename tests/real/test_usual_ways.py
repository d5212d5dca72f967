"""The lines that Dockerfiles and engines have for tini, dumb-init and catatonit, each now a file of sigroute."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compiled import FORMS, compiled_as, environment
from tests.real import nginx
from tests.real.container import Container, children
from tests.real.programs import is_ready, names, recorder
from tests.real.require import need
from tests.real.terminal.processes import state
from tests.real.traffic import PATIENCE, Load, Upstream, accepts, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Sequence

IN_FLIGHT = 50


@pytest.fixture(scope="module", name="programs", params=FORMS)
def _programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the three of them, in each form."""
    folder = tmp_path_factory.mktemp("bin")
    if request.param == "static":
        request.getfixturevalue("runtimes")
    for name in ("tini", "dumb-init", "catatonit"):
        compiled_as(folder, name, name=name, form=request.param)
    return folder


def container(folder: Path, programs: Path, words: Sequence[str]) -> Container:
    """Run an ENTRYPOINT and its CMD as PID 1, with the three in PATH."""
    return Container(folder, ["env", f"PATH={programs}:{environment()['PATH']}", *words])


@pytest.mark.parametrize(
    ("entrypoint", "reached"),
    [
        ("tini --", False),
        ("tini -g --", True),
        ("dumb-init", True),
        ("dumb-init --", True),
        ("dumb-init --single-child", False),
        ("catatonit --", False),
        ("catatonit -g --", True),
    ],
)
def test_a_shell_between_them(tmp_path: Path, programs: Path, entrypoint: str, *, reached: bool) -> None:
    """``dumb-init bash -c`` and its like: a shell waits for its program, and passes nothing on."""
    need(shutil.which("bash"), "bash")
    got = tmp_path / "got"
    # The shell's end is PID 1's, and the program's: it may not come before that has written.
    script = f"trap '{'wait; ' if reached else ''}exit 3' TERM; {shlex.join(recorder(got, 'TERM=0'))} & wait"
    with container(tmp_path, programs, [*entrypoint.split(), "bash", "-c", script]) as box:
        until(lambda: is_ready([got]), "the program is ready")
        box.send(signal.SIGTERM)
        if reached:
            until(lambda: names(got), "it has got TERM")
        assert box.wait() == 3
        assert names(got) == (["TERM"] if reached else [])


@pytest.mark.parametrize("rewriting", [["-r", "15:3"], ["--rewrite=15:3"]], ids=" ".join)
def test_dumb_init_rewrites_for_nginx(tmp_path: Path, programs: Path, rewriting: list[str]) -> None:
    need(shutil.which("nginx"), "nginx")
    port = free_port()
    with Upstream() as upstream:
        command = nginx.command(tmp_path, port, nginx.before_http(upstream.port))
        with container(tmp_path, programs, ["dumb-init", *rewriting, *command]) as box:
            until(lambda: not quick(port) or not box.running(), "nginx serves")
            load = Load(port, IN_FLIGHT).start()
            box.send(signal.SIGTERM)
            until(lambda: not accepts(port), "nginx has closed its port")
            upstream.released.set()
            assert load.lost() == 0
            assert box.wait() == 0


def test_tini_subreaper(tmp_path: Path, programs: Path) -> None:
    """Below another PID 1, as in a pod with one pid namespace: an orphan comes to it, and is reaped."""
    got = tmp_path / "got"
    orphan = f"({shlex.join(recorder(got, 'TERM=0'))} &)"
    command = [str(programs / "tini"), "--", "sh", "-c", f"{orphan}; exec {shlex.join(recorder(tmp_path / 'main'))}"]
    with subprocess.Popen(command, env=environment(TINI_SUBREAPER="")) as process:
        until(lambda: is_ready([got, tmp_path / "main"]), "both are ready")
        pid = int(got.read_text().split()[1])
        assert pid in children(process.pid)
        subprocess.run(["kill", str(pid)], check=True)
        until(lambda: not Path(f"/proc/{pid}").exists(), "the orphan is reaped")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_catatonit_is_podmans_pause(tmp_path: Path, programs: Path) -> None:
    """``catatonit -P`` holds a pod's namespaces: it does nothing but reap, and ends well."""
    with container(tmp_path, programs, ["catatonit", "-P"]) as box:
        until(lambda: state(box.pid) == "S", "it sleeps")
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGCHLD):
            box.send(number)
        command = ["nsenter", f"--target={box.pid}", "--pid", "--mount", "sh", "-c", "sleep 0.01 & exec true"]
        subprocess.run(command, check=True)
        until(lambda: not children(box.pid), "what it has adopted is reaped")
        box.send(signal.SIGTERM)
        assert box.wait() == 0


def test_catatonit_is_podmans_init(tmp_path: Path, programs: Path) -> None:
    """``podman run --init`` mounts it, and puts it before the command."""
    init = tmp_path / "podman-init"
    init.symlink_to(programs / "catatonit")
    got = tmp_path / "got"
    with container(tmp_path, programs, [str(init), "--", *recorder(got, "TERM=5")]) as box:
        until(lambda: is_ready([got]), "the program is ready")
        # It goes there once the program has been started, which may be ready before that.
        until(lambda: Path(f"/proc/{box.pid}/cwd").readlink() == Path("/"), "it is in /")
        box.send(signal.SIGTERM)
        assert box.wait() == 5


def test_who_may_not_be_signalled_is_waited_for(tmp_path: Path, programs: Path) -> None:
    """tini itself would end with 1, and the kernel would kill what it runs."""
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to be without CAP_KILL")
    weak = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]
    stranger = ["setpriv", "--reuid=65534", "--clear-groups", "sleep", "60"]
    with container(tmp_path, programs, [*weak, "tini", "--", *stranger]) as box:
        until(lambda: users(box.pid) == [65534], "its program is another user's")
        box.send(signal.SIGTERM)
        box.said("Unexpected error when forwarding signal: 'Operation not permitted'")
        (child,) = children(box.pid)
        os.kill(child, signal.SIGKILL)
        assert box.wait() == 128 + signal.SIGKILL


def users(pid: int) -> list[int]:
    """Return whose the children of a process are."""
    found = []
    for child in children(pid):
        with suppress(OSError):  # it has gone meanwhile
            found.append(Path(f"/proc/{child}").stat().st_uid)
    return found
