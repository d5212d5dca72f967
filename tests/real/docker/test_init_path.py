"""``docker run --init``, with a dockerd whose ``--init-path`` is sigroute, compiled to stand in for docker-init."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.compile import main

from . import daemon
from .client import docker
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Says what it gets, and whose child it is; it leaves a zombie to PID 1.
PROGRAM = """
trap 'echo got TERM; exit 3' TERM
echo "init $(tr '\\0' ' ' < /proc/1/cmdline)"
sh -c 'sleep 0.01 & exec true'
echo up
while :; do sleep 0.05; done
"""


class Second:
    """A dockerd of its own, as its ``--init-path`` is asked for once, at its start."""

    def __init__(self, folder: Path, image: str) -> None:
        init = folder / "docker-init"
        assert main(["--as", "docker-init", "-o", str(init)]) == 0
        self.pidfile = folder / "dockerd.pid"
        self.host = {**os.environ, "DOCKER_HOST": f"unix://{folder}/docker.sock", "DOCKER_CONTEXT": ""}
        with (folder / "log").open("w") as log:
            self.process = subprocess.Popen(
                [*daemon.command(folder), f"--init-path={init}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            eventually(self.answers, f"dockerd answers: {(folder / 'log').read_text()[-500:]}", pause=0.2)
            saved = folder / "image.tar"
            docker("save", "--output", str(saved), image)
            self.ask("load", "--input", str(saved))
        except BaseException:
            self.end()
            raise

    def answers(self) -> bool:
        assert self.process.poll() is None, "dockerd ended"
        return self.run("version").returncode == 0

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run docker with it."""
        return subprocess.run(
            ["docker", *words], env=self.host, check=False, capture_output=True, text=True, timeout=120
        )

    def ask(self, *words: str) -> str:
        """Return what docker says, of what must go well."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def end(self) -> None:
        """End it; it ends its containers and its containerd."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


@pytest.fixture(scope="module")
def second(nginx: str) -> Iterator[Second]:
    folder = Path(tempfile.mkdtemp(prefix="sr-", dir="/tmp"))
    dockerd = Second(folder, nginx)
    yield dockerd
    dockerd.end()
    shutil.rmtree(folder)


def test_docker_reads_its_version(second: Second) -> None:
    assert second.ask("info", "--format", "{{.InitBinary}}").strip().endswith("docker-init")
    assert "init version: N/A" not in second.ask("info")
    assert "0.19.0" in second.ask("version")


def test_it_is_the_init_of_a_container(second: Second, nginx: str) -> None:
    options = ("run", "--detach", "--init", "--stop-signal=TERM", "--network=none", "--entrypoint=/bin/sh", nginx)
    container = second.ask(*options, "-c", PROGRAM).strip()
    eventually(lambda: "up\n" in second.ask("logs", container), "it runs")
    said = second.ask("logs", container)
    assert "init /sbin/docker-init -- /bin/sh" in said
    eventually(lambda: " Z" not in second.ask("top", container, "-eo", "pid,stat"), "the zombie is reaped")
    second.ask("stop", container)
    assert second.ask("wait", container).strip() == "3"
    eventually(lambda: second.ask("logs", container).endswith("\ngot TERM\n"), "it has got TERM")
    second.ask("rm", container)


@pytest.mark.parametrize(("words", "code"), [(("-c", "exit 7"), 7), (("-c", "kill -9 $$"), 137)])
def test_the_exit_code(second: Second, nginx: str, words: tuple[str, ...], code: int) -> None:
    options = ("run", "--rm", "--init", "--network=none", "--entrypoint=/bin/sh", nginx)
    assert second.run(*options, *words).returncode == code


def test_a_program_that_is_not_there(second: Second, nginx: str) -> None:
    done = second.run("run", "--rm", "--init", "--network=none", "--entrypoint=no-such-program", nginx)
    assert done.returncode == 127
    assert "exec no-such-program failed: No such file or directory" in done.stderr
