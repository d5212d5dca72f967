"""Every zombie is reaped, whoever's it was, and what nobody declared is ended with the container."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container, children
from tests.real.require import need
from tests.real.terminal.processes import state
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

#: Leaves an orphan behind that ends at once, again and again.
ORPHANS = "for number in $(seq 200); do (sh -c 'exit 3' &); done; echo all; exec sleep 60"

#: A daemon that goes at TERM, one that does not, and one that is stopped; the leader then is the server.
DAEMONS = """
(setsid sh -c 'echo ready; exec sleep 60' &)
(setsid sh -c 'trap "" TERM; echo ready; exec sleep 60' &)
(setsid sh -c 'echo ready; kill -STOP $$; exit' &)
exec sleep 60
"""


def zombies(parent: int) -> list[int]:
    """Return the children of a process that have died and were not reaped."""
    return [pid for pid in children(parent) if state(pid) == "Z"]


def test_orphans_are_reaped(tmp_path: Path) -> None:
    with Container(tmp_path, [*SIGROUTE, "--", "sh", "-c", ORPHANS]) as container:
        container.said("all")
        until(lambda: len(children(container.pid)) == 1, "nothing is left but the child")
        container.send(signal.SIGTERM)
        assert container.wait() == 143


def test_health_probes_leave_nothing_behind(tmp_path: Path) -> None:
    """A probe enters from outside and leaves orphans (containerd#4255: 19,482 of them)."""
    need(shutil.which("nsenter"), "nsenter, to enter a namespace")
    with Container(tmp_path, [*SIGROUTE, "--", "sleep", "60"]) as container:
        until(lambda: container.processes("sleep"), "the child runs")
        for _ in range(20):
            probe = [
                "nsenter",
                f"--target={container.pid}",
                "--pid",
                "--mount",
                "--",
                "sh",
                "-c",
                "(sleep 0 &) ; exit 0",
            ]
            subprocess.run(probe, check=True, timeout=60)
        until(lambda: len(children(container.pid)) == 1, "nothing is left of the probes")
        container.send(signal.SIGTERM)
        assert container.wait() == 143


def test_who_entered_from_outside_is_left_alone(tmp_path: Path) -> None:
    need(shutil.which("nsenter"), "nsenter, to enter a namespace")
    with Container(
        tmp_path, [*SIGROUTE, "--", "sh", "-c", "trap 'sleep 1; exit 3' TERM; echo ready; sleep 60 & wait"]
    ) as container:
        container.said("ready")
        enter = ["nsenter", f"--target={container.pid}", "--pid", "--mount", "--", "sh", "-c", "echo in; exec sleep 61"]
        guest = subprocess.Popen(enter, stdout=subprocess.PIPE)
        assert guest.stdout is not None
        assert guest.stdout.readline() == b"in\n"
        container.send(signal.SIGTERM)
        assert container.wait() == 3
        # With PID 1 the kernel ends the namespace, guest included (pid_namespaces(7)); until then nobody signalled it.
        assert guest.wait(60) in (-signal.SIGKILL, 128 + signal.SIGKILL)
        guest.stdout.close()
        said = [line for line in container.log().splitlines() if " gets " in line]
        assert not any(" TERM [drain]" in line and "sleep 61" in line for line in said)


@pytest.mark.parametrize(("wait", "at_least"), [("300ms", 0.3), ("1500ms", 1.5)])
def test_what_is_left_behind_gets_term_and_cont_and_then_kill(tmp_path: Path, wait: str, at_least: float) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[drain]\nwait = "{wait}"\n')
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", DAEMONS]) as container:
        until(lambda: container.log().count("ready") == 3, "the daemons are ready")
        until(lambda: len(children(container.pid)) == 4, "and are orphans")
        until(lambda: any(state(pid) == "T" for pid in children(container.pid)), "one is stopped")
        began = time.monotonic()
        container.send(signal.SIGTERM)
        assert container.wait() == 143
        assert time.monotonic() - began >= at_least
        said = container.log()
        assert "processes left behind: 3" in said
        assert "remaining processes: 1; they are killed" in said
        # Each 100 ms again, where a busy machine takes longer to end it.
        assert len(set(re.findall(r"pid (\d+) gets KILL \[drain\]", said))) == 1


def test_a_stop_sleeps_no_longer_than_there_is_something_left(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('grace = "50s"\n[drain]\nwait = "40s"\n')
    with Container(
        tmp_path, [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", "(sleep 60 &); exec sleep 60"]
    ) as container:
        until(lambda: len(children(container.pid)) == 2, "a daemon is left behind")
        began = time.monotonic()
        container.send(signal.SIGTERM)
        assert container.wait() == 143
        assert time.monotonic() - began < 20


def test_a_zombie_whose_parent_lives_is_not_ours(tmp_path: Path) -> None:
    keeper = "import os, time\nif not os.fork(): os._exit(0)\nprint('forked', flush=True)\ntime.sleep(60)"
    with Container(tmp_path, [*SIGROUTE, "--", "python3", "-c", keeper]) as container:
        container.said("forked")
        (server,) = children(container.pid)
        until(lambda: len(zombies(server)) == 1, "it does not reap its child")
        container.send(signal.SIGUSR1)
        container.said("USR1")
        assert len(zombies(server)) == 1
        container.send(signal.SIGTERM)
        assert container.wait() == 143


def test_as_a_subreaper_it_reaps_its_own_orphans(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*SIGROUTE, "--", "sh", "-c", ORPHANS], stdout=subprocess.PIPE, stderr=log)
    assert process.stdout is not None
    assert process.stdout.readline() == b"all\n"
    until(lambda: len(children(process.pid)) == 1, "nothing is left but the child")
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 143
    process.stdout.close()
    assert (tmp_path / "log").read_text().count("not PID 1") == 1
