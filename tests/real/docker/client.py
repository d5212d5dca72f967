"""``docker``, as a person types it, and one container as an object."""

from __future__ import annotations

import subprocess
import time
import uuid
from typing import TYPE_CHECKING

from . import daemon
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence

Done = subprocess.CompletedProcess[str]


def docker(*words: str, check: bool = True, stdin: str | None = None, timeout: float = 300) -> Done:
    """Run one docker command; what it wrote to stdout and stderr is kept."""
    done = subprocess.run(
        ["docker", *words], env=daemon.environ(), check=False, capture_output=True, text=True, errors="replace",
        input=stdin, timeout=timeout,
    )  # fmt: skip
    said = f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    assert done.returncode == 0 or not check, f"docker {' '.join(words)}: {done.returncode}\n{said}"
    return done


def ask(image: str, program: str, *words: str) -> str:
    """Run a program of an image, without its entrypoint; return what it says."""
    return docker("run", "--rm", "--network=none", f"--entrypoint={program}", image, *words).stdout


def popen(*words: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Start one docker command whose output is read while it runs."""
    return subprocess.Popen(
        ["docker", *words], env=daemon.environ(), stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


class Container:
    """A container that runs in the background, by name."""

    def __init__(self, image: str, options: Sequence[str] = (), command: Sequence[str] = ()) -> None:
        self.name = f"sigroute-test-{uuid.uuid4().hex[:12]}"
        docker("run", "--detach", "--name", self.name, "--network=none", *options, image, *command)

    def logs(self) -> str:
        """Return stdout and stderr so far."""
        done = docker("logs", self.name)
        return done.stdout + done.stderr

    def wait_for(self, text: str, times: int = 1) -> str:
        """Wait until the log has *text*, so many *times*; return the log."""

        def look() -> str:
            log = self.logs()
            assert log.count(text) >= times or self.is_running(), f"ended without {text!r}:\n{log}"
            return log if log.count(text) >= times else ""

        return eventually(look, f"{self.name} logs {text!r}")

    def is_running(self) -> bool:
        """Tell whether it has not ended."""
        return self.inspect("{{.State.Running}}") == "true"

    def inspect(self, form: str) -> str:
        """Return what ``docker inspect`` says, in a Go template."""
        return docker("inspect", "--format", form, self.name).stdout.strip()

    def exec(self, *words: str, check: bool = True, options: Sequence[str] = (), stdin: str | None = None) -> Done:
        """Run a command inside."""
        return docker("exec", *options, self.name, *words, check=check, stdin=stdin)

    def kill(self, signal: str) -> None:
        """Send a signal to its PID 1, from outside."""
        docker("kill", "--signal", signal, self.name)

    def stop(self, *options: str) -> float:
        """``docker stop`` it; return how many seconds that took."""
        before = time.monotonic()
        docker("stop", *options, self.name)
        return time.monotonic() - before

    def wait(self) -> int:
        """Wait until it has ended; return the exit code."""
        return int(docker("wait", self.name, timeout=120).stdout)

    def start(self) -> None:
        """Start it once more."""
        docker("start", self.name)

    def processes(self) -> list[tuple[int, str, str]]:
        """Return pid on the host, state and command line of everything in it."""
        lines = docker("top", self.name, "-eo", "pid,stat,args").stdout.splitlines()[1:]
        rows = (line.split(None, 2) for line in lines)
        return [(int(row[0]), row[1], row[2] if len(row) > 2 else "") for row in rows]

    def remove(self) -> None:
        """End it at once, with its anonymous volumes."""
        docker("rm", "--force", "--volumes", self.name, check=False)
