"""Stopping nginx: whatever the platform sends, requests in flight are finished first."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from . import daemon
from .traffic import Traffic
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .conftest import Run

IN_FLIGHT = 10


@pytest.fixture
def traffic(shared: Path) -> Iterator[Traffic]:
    made = Traffic(shared)
    yield made
    made.close()


@pytest.mark.parametrize("command", [["stop"], ["kill", "--signal=TERM"]], ids=["stop", "TERM"])
def test_requests_in_flight_are_finished(nginx: str, run: Run, traffic: Traffic, command: list[str]) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)
    traffic.begin(IN_FLIGHT)

    stopping = subprocess.Popen(["docker", *command, container.name], env=daemon.environ(), stdout=subprocess.DEVNULL)
    container.wait_for("gracefully shutting down")
    eventually(lambda: not traffic.is_fast(), "new requests are refused")
    assert container.is_running()
    answered = time.monotonic()
    answers = traffic.finish()

    assert container.wait() == 0
    assert stopping.wait(timeout=60) == 0
    assert time.monotonic() - answered < 5
    assert len(answers) == IN_FLIGHT
    assert all(answer.endswith(b"\r\n\r\nslow\n") for answer in answers)


def test_an_idle_server_stops_at_once(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)
    assert container.stop() < 3
    assert container.wait() == 0


def test_interrupted_it_ends_at_once(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)
    traffic.begin(1)
    container.kill("INT")
    assert container.wait() == 0
    assert not traffic.finish()[0].endswith(b"slow\n")


def test_an_interrupt_cuts_a_drain_short(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)
    traffic.begin(1)
    container.kill("TERM")
    container.wait_for("gracefully shutting down")
    container.kill("INT")
    assert container.wait() == 0
    assert not traffic.finish()[0].endswith(b"slow\n")


def test_stopped_while_a_script_of_the_entrypoint_runs(nginx: str, run: Run, shared: Path) -> None:
    script = shared / "10-slow.sh"
    script.write_text("#!/bin/sh\necho slow\nsleep 600\n")
    script.chmod(0o755)
    container = run(nginx, f"--volume={script}:/docker-entrypoint.d/10-slow.sh:ro")
    container.wait_for("slow\n")
    assert container.stop() < 9
    assert container.wait() == 143


def test_a_reload_replaces_the_workers_and_fails_no_request(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)

    def workers() -> set[int]:
        return {pid for pid, _, words in container.processes() if words == "nginx: worker process"}

    before = workers()
    assert len(before) == 2
    traffic.begin(IN_FLIGHT)
    container.kill("HUP")
    failed = 0

    def replaced() -> bool:
        nonlocal failed
        failed += sum(not traffic.is_fast() for _ in range(20))
        return len(workers() - before) == 2

    eventually(replaced, "two new workers")
    answers = traffic.finish()
    eventually(lambda: not workers() & before, "the old workers have gone")
    assert failed == 0
    assert all(answer.endswith(b"\r\n\r\nslow\n") for answer in answers)
    assert container.is_running()


def test_the_log_tells_what_was_done(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *traffic.options())
    traffic.wait_until_up(container)
    container.stop()
    lines = container.logs().splitlines()
    told = [
        re.sub(r" \(pid [1-9]\d*\)", "", line.partition(" sigroute: ")[2]) for line in lines if " sigroute: " in line
    ]
    assert told == [
        "nginx started as /docker-entrypoint.sh",
        "QUIT from outside (pid 0, uid 0)",
        "nginx has become its program",
        "stop: QUIT asks for it",
        "nginx gets QUIT [child.nginx.on.stop]",
        "nginx exited with 0",
        "ends with 0",
    ]
