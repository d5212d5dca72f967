"""One dockerd of our own for everybody who tests on this machine at the same time.

It has a socket, a data root and a log of its own, so the user's images and containers are never
touched, and what was built stays for the next run. No bridge and no iptables: containers get no
network but their own loopback, and nothing on the host is changed.

Who uses it holds a shared lock. The last one out, who then can have it alone, ends it by its pid.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sigroute-tests"

HOST = f"unix://{CACHE}/docker.sock"


#: How long images are kept for the next run.
KEPT = "336h"


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold *name* alone, among all processes of this machine."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def running() -> Iterator[str]:
    """Have dockerd run meanwhile; give what belongs into DOCKER_HOST."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "users.lock").open("w") as users:
        with locked("daemon"):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not answers():
                start()
        try:
            yield HOST
        finally:
            with locked("daemon"):
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass  # somebody else still needs it
                else:
                    stop()


def answers() -> bool:
    """Tell whether our dockerd is there."""
    asked = subprocess.run(["docker", "version"], env=environ(), check=False, capture_output=True, timeout=60)
    return asked.returncode == 0


def docker(*words: str) -> None:
    """Do some housekeeping; what can't be done is left for another time."""
    subprocess.run(["docker", *words], env=environ(), check=False, capture_output=True, timeout=300)


def environ() -> dict[str, str]:
    """Return the environment in which ``docker`` speaks to our dockerd."""
    # The classic builder: Debian's engine has no other.
    return {**os.environ, "DOCKER_HOST": HOST, "DOCKER_BUILDKIT": "0", "DOCKER_CONTEXT": ""}


def command(folder: Path) -> list[str]:
    """Return the command of a dockerd that keeps to this folder."""
    return [
        "dockerd", f"--host=unix://{folder}/docker.sock", f"--pidfile={folder}/dockerd.pid",
        f"--data-root={folder}/docker", f"--exec-root={folder}/exec",
        "--bridge=none", "--iptables=false", "--ip6tables=false",
    ]  # fmt: skip


def start() -> None:
    """Start dockerd; wait until it answers."""
    pidfile().unlink(missing_ok=True)  # of a machine that went down: dockerd would take another process for itself
    with (CACHE / "dockerd.log").open("w") as log:
        process = subprocess.Popen(
            command(CACHE), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    def up_or_dead() -> bool:
        return answers() or process.poll() is not None

    eventually(up_or_dead, f"dockerd answers, see {CACHE}/dockerd.log", pause=0.2)
    assert process.poll() is None, f"dockerd ended:\n{(CACHE / 'dockerd.log').read_text()[-2000:]}"
    docker("container", "prune", "--force")  # of a test run that was killed
    process.returncode = 0  # it outlives this object on purpose: the last user ends it


def stop() -> None:
    """End our dockerd and wait until it has gone."""
    docker("image", "prune", "--all", "--force", f"--filter=until={KEPT}")
    try:
        pid = int(pidfile().read_text())
        fd = os.pidfd_open(pid)
    except (FileNotFoundError, ProcessLookupError):
        return
    try:
        signal.pidfd_send_signal(fd, signal.SIGTERM)
        eventually(lambda: not pidfile().exists(), "dockerd has ended")
    finally:
        os.close(fd)


def pidfile() -> Path:
    """Return where our dockerd writes its pid."""
    return CACHE / "dockerd.pid"
