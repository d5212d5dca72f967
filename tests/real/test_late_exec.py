"""Programs on a file system that does not answer: their exec takes 45 s, and nothing else waits for it."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE
from tests.real.leases import Lease
from tests.real.programs import names
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("form")

#: Seconds: on a busy machine, and far from the 45 that the exec takes.
SOON = 20

COMMAND = """
[child.a]
command = {a}
[child.b]
command = {b}
[child.a.on]
USR1 = { run = ["LEASED"], timeout = "TIME", send = "USR2", else = "WINCH" }
"""


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """See that a test takes no time that an exec takes."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SOON


def test_a_command_is_given_up_in_its_time(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased") as lease:
        rules = COMMAND.replace("LEASED", str(lease.path)).replace("TIME", "2s")
        with Supervised(tmp_path, rules) as run:
            sent = run.ready().send(signal.SIGUSR1)
            run.said("run")
            run.send(signal.SIGUSR2)
            until(lambda: names(run.path("b")) == ["USR1", "USR2"], "the other child is served")
            run.said("run-late", child="a")
            until(lambda: names(run.path("a")) == ["USR2", "WINCH"], "the command is given up")
            assert time.monotonic_ns() // 1_000_000 - sent >= 2000
            run.said("run-ended", child="a", status=137)
            run.send(signal.SIGTERM)
            assert run.wait() == 0


def test_a_command_that_turns_out_to_fail_has_failed(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased", writes=True) as lease:
        rules = COMMAND.replace("LEASED", str(lease.path)).replace("TIME", "60s")
        with Supervised(tmp_path, rules) as run:
            run.ready().send(signal.SIGUSR1)
            run.said("run")
            run.send(signal.SIGUSR2)
            until(lambda: names(run.path("a")) == ["USR2"], "it is not waited for")
            lease.give_up()
            assert "Text file busy" in run.said("run-not-started", child="a")["reason"]
            until(lambda: names(run.path("a")) == ["USR2", "WINCH"], "it has failed")
            assert descriptors(run) == 3
            run.send(signal.SIGTERM)
            assert run.wait() == 0


def descriptors(run: Supervised) -> int:
    """Return how many sigroute has: the standard ones, once no pipe of a start is left."""
    return len([*Path(f"/proc/{run.process.pid}/fd").iterdir()])


TWO = """
[child.a]
command = ["LEASED"]
[child.b]
command = {b}
[exit]
when = "all"
code = "a"
"""


def test_a_child_that_is_not_there_yet_ends_by_a_stop(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased") as lease, Supervised(tmp_path, TWO.replace("LEASED", str(lease.path))) as run:
        run.ready().send(signal.SIGTERM)
        run.said("exited", child="b", status=0)
        assert run.said("killed", child="a")["signal"] == "TERM"
        assert run.wait() == 143


def test_a_child_that_turns_out_not_to_run_is_told_of_as_at_once(tmp_path: Path) -> None:
    with (
        Lease(tmp_path / "leased", writes=True) as lease,
        Supervised(tmp_path, TWO.replace("LEASED", str(lease.path))) as run,
    ):
        run.ready()
        run.said("started", child="a")
        lease.give_up()
        assert "Text file busy" in run.said("not-started", child="a")["reason"]
        run.send(signal.SIGUSR1)
        until(lambda: names(run.path("b")) == ["USR1"], "the other child is served")
        run.send(signal.SIGTERM)
        assert run.wait() == 126
        assert run.events("a") == ["started", "not-started"]


#: Until then it is known as sigroute is, which a Python runs.
PYTHONS = """
[child.a]
command = ["LEASED"]
program = ["python*", "leased"]
[child.a.on]
USR1 = "USR2"
stop = "INT"
"""


def test_a_child_that_is_not_there_yet_is_not_taken_for_its_program(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased") as lease, Supervised(tmp_path, PYTHONS.replace("LEASED", str(lease.path))) as run:
        run.said("started", child="a")
        run.send(signal.SIGUSR1)
        assert run.said("starting", child="a")["text"] == "sigroute until its exec is through"
        run.said("protected", child="a")
        lease.give_up()
        run.said("exited", child="a", status=0)
        assert run.wait() == 0


def test_a_child_that_is_not_there_yet_ends_by_what_stops_it_while_it_starts(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased") as lease, Supervised(tmp_path, PYTHONS.replace("LEASED", str(lease.path))) as run:
        run.said("started", child="a")
        run.send(signal.SIGTERM)
        run.said("stop-starting", child="a")
        assert run.said("killed", child="a")["signal"] == "TERM"
        assert run.wait() == 143


def test_a_child_that_runs_late_runs(tmp_path: Path) -> None:
    with Lease(tmp_path / "leased") as lease, Supervised(tmp_path, TWO.replace("LEASED", str(lease.path))) as run:
        run.ready()
        lease.give_up()
        run.said("exited", child="a", status=0)
        assert descriptors(run) == 3
        run.send(signal.SIGTERM)
        assert run.wait() == 0


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("tini", 1, "[FATAL tini ({me})] exec {path} failed: Text file busy"),
        ("dumb-init", 2, "[dumb-init] {path}: Text file busy"),
        ("catatonit", 1, "ERROR (catatonit:{me}): failed to exec pid1: Text file busy"),
    ],
)
def test_another_inits_words_and_code_are_the_same_late(tmp_path: Path, name: str, code: int, said: str) -> None:
    with Lease(tmp_path / "leased", writes=True) as lease:
        command = [*SIGROUTE, "--as", name, str(lease.path)]
        run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        lease.give_up()
        _, errors = run.communicate(timeout=SOON)
        assert run.returncode == code
        assert errors.splitlines()[-1] == said.format(me=run.pid, path=lease.path)
