"""``docker stop`` of a whole site under load: nginx, PHP-FPM, MariaDB, workers and a log shipper, one rule file."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need

from .images import HERE, REPOSITORY, another_init, site
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .client import Container
    from .conftest import Run

RULES = REPOSITORY / "tests" / "data" / "setups" / "web-php-db-task.toml"

#: How many stops.
STOPS = int(os.environ.get("SIGROUTE_STOPS", "1"))

#: How many ask at the same time, of each kind.
VISITORS = 8

#: Before the stop.
ANSWERS = 100

#: What writes its own log; the shipper has to have all of it.
LOGS = ("front", "php", "db", "worker")


@pytest.mark.parametrize("turn", range(STOPS))
def test_no_request_is_lost_and_the_shipper_has_all_last_lines(
    run: Run,
    shared: Path,
    turn: int,  # noqa: ARG001 - each is as the others
) -> None:
    need(shutil.which("wrk") and shutil.which("nsenter"), "wrk and nsenter")
    (shared / "log").mkdir()
    for name in LOGS:
        (shared / "log" / f"{name}.log").touch()
        (shared / "log" / f"{name}.log").chmod(0o666)  # whoever writes it
    init = another_init(shared, str(RULES), "--log", "json")
    container = run(site(), *init, f"--volume={shared}:/shared")
    eventually(lambda: event(container, "started", "front") or not container.is_running(), "nginx has started")
    assert container.is_running(), container.logs()
    asks = (sys.executable, str(HERE / "visitors.py"), str(VISITORS))
    wrk = ("wrk", "-t1", f"-c{VISITORS}", "-d600s", "-H", "Connection: close", "http://127.0.0.1/")
    with inside(container, shared / "visitors", *asks) as visitors, inside(container, shared / "wrk", *wrk) as load:
        eventually(lambda: answers(shared) > ANSWERS, "the load is there")
        container.stop("--time=60")
        assert container.wait() == 0, container.logs()
        load.send_signal(signal.SIGINT)  # it sums up
        load.wait(60)
        visitors.wait(60)
    check_requests(shared)
    check_order(container)
    assert "Shutdown complete" in (shared / "log" / "db.log").read_text().splitlines()[-1]
    shipped = (shared / "shipped").read_text().splitlines()
    for name in LOGS:
        assert (shared / "log" / f"{name}.log").read_text().splitlines()[-1] in shipped, name


@contextmanager
def inside(container: Container, output: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of this machine in the container's network: it goes on when the container has ended."""
    network = f"--net=/proc/{container.inspect('{{.State.Pid}}')}/ns/net"
    with (
        output.open("wb") as file,
        subprocess.Popen(["nsenter", network, *words], stdout=file, stderr=file) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def event(container: Container, name: str, child: str) -> int:
    """Return the place in the log of a child's event; 0 if there is none."""
    lines = [json.loads(line) for line in container.logs().splitlines() if line.startswith('{"time"')]
    return max(
        [0, *(index for index, line in enumerate(lines, 1) if (line["event"], line.get("child")) == (name, child))]
    )


def answers(shared: Path) -> int:
    """Return how many requests nginx has answered."""
    log = shared / "log" / "front.log"
    return log.read_text().count("answer ") if log.exists() else 0


def check_requests(shared: Path) -> None:
    """Check that whatever nginx had accepted got a whole answer.

    A connection that waited in the queue of the listener when that was closed is reset, and nginx never saw it: such a
    request is in no log, and counts as refused.
    """
    log = (shared / "log" / "front.log").read_text()
    answered = dict(re.findall(r"^answer (\d+) (\d+)$", log, re.MULTILINE))
    assert set(re.findall(r"^answer \S+ (\d+)$", log, re.MULTILINE)) == {"200"}
    ends = dict(line.split(" ", 1) for line in (shared / "visitors").read_text().splitlines())
    failed = {number: end for number, end in ends.items() if end not in {"whole", "refused"}}
    assert not {number: end for number, end in failed.items() if number in answered or "reset" not in end}, failed
    assert {number for number, end in ends.items() if end == "whole"} == {*answered}
    assert len(failed) <= VISITORS
    wrk = (shared / "wrk").read_text()
    assert "Non-2xx" not in wrk, wrk
    assert re.search(r" [1-9]\d* requests in ", wrk), wrk


def check_order(container: Container) -> None:
    """Check who ended after whom."""
    ends = [
        max(event(container, "exited", name), event(container, "killed", name))
        for name in ("front", "php", "db", "shipper")
    ]
    assert ends == sorted(ends)
    assert all(ends)
    workers = [event(container, "exited", f"worker.{number}") for number in (1, 2)]
    assert all(0 < each < ends[2] for each in workers)
