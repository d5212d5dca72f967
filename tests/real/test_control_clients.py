"""Hostile clients of the control socket: signals are routed as ever meanwhile, and nothing is left of them."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import socket
import statistics
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.exit_codes import NO_PERMISSION, UNAVAILABLE
from sigroute.pid1.kernel import asking
from sigroute.pid1.kernel.connection import PATIENCE as THEIRS
from sigroute.pid1.kernel.control import MOST as SERVERS
from tests.real.asked import ask, connected, status
from tests.real.conftest import FORMS
from tests.real.container import children, opened
from tests.real.hostile import hostile
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

#: Tells when each signal has arrived, in nanoseconds.
ECHO = """
import os, signal, sys, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
signal.signal(signal.SIGUSR2, lambda *_: None)
file = os.open(sys.argv[1], os.O_WRONLY)
os.write(file, bytes(8))
while True:
    signal.sigwaitinfo({signal.SIGUSR2})
    os.write(file, time.monotonic_ns().to_bytes(8, "little"))
"""

#: Signals of a round; rounds with clients and without take turns, so that others on this machine slow down both.
SLICE = 150

#: How much longer a signal may take while clients are there: ratio of medians. Measured: 0.85 to 1.74 where two others
#: had the same two processors. A signal that waits for a client, or for its server, takes a hundred times as long.
MOST = 2.5

#: kB that PID 1 may have grown by, after thousands of clients.
GROWN = 256


class Site:
    """A sigroute with a child that tells when a signal has arrived."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.path = folder / "socket"
        fifo = folder / "fifo"
        os.mkfifo(fifo)
        self.reader = os.open(fifo, os.O_RDWR)
        command = json.dumps([sys.executable, "-I", "-c", ECHO, str(fifo)])
        self.run = Supervised(
            folder,
            f'[control]\npath = "{self.path}"\n[child.web]\ncommand = {command}\n[child.web.on]\nUSR1 = "USR2"\n'
            f'[exit]\nwhen = "web"\n{more}',
        )

    def began(self) -> None:
        assert select.select([self.reader], [], [], 20)[0], self.run.log_path.read_text()
        assert os.read(self.reader, 8) == bytes(8)
        until(self.path.exists, "it listens")
        status(self.path)
        until(self.is_alone, "the server has ended")
        self.measure()

    @property
    def pid(self) -> int:
        return self.run.process.pid

    def measure(self, number: int = SLICE) -> list[float]:
        """Send signals, one after the other; return the microseconds that each has taken."""
        taken = []
        for _ in range(number):
            began = time.monotonic_ns()
            os.kill(self.pid, signal.SIGUSR1)
            ready, _, _ = select.select([self.reader], [], [], 20)
            assert ready, "a signal is lost"
            taken.append((int.from_bytes(os.read(self.reader, 8), "little") - began) / 1e3)
            time.sleep(0.0003)  # by then all processes sleep again
        return taken

    def is_alone(self) -> bool:
        """Tell whether there is no server."""
        return len(children(self.pid)) == len([each for each in status_of(self.run) if each])

    def memory(self) -> int:
        """Return the kB of its own, whether or not a fork shares them at the moment (proc_pid_smaps_rollup(5))."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        return sum(int(each) for each in re.findall(r"Anonymous: +(\d+)", text))


def status_of(run: Supervised) -> list[int]:
    """Return the pids of the children, as the log has them."""
    return [line["pid"] for line in run.log() if line["event"] == "started"]


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with site.run:
        site.began()
        yield site
    os.close(site.reader)


def test_signals_are_routed_as_ever_and_nothing_is_left(site: Site) -> None:
    before, began = sorted(opened(site.pid)), site.memory()
    report: dict[str, float] = {}
    for kind, number in {"hang": 1000, "garbage": 3, "half": 50, "deaf": 100, "burst": 200}.items():
        with_them: list[float] = []
        without: list[float] = []
        for _ in range(3):
            until(site.is_alone, "no server is left")
            without += site.measure()
            with hostile(kind, site.path, number):
                with_them += site.measure()
        report[kind] = round(statistics.median(with_them) / statistics.median(without), 2)
    assert status(site.path)["state"] == "running"
    until(site.is_alone, "no server is left")
    site.measure()
    assert sorted(opened(site.pid)) == before
    grown = site.memory() - began
    print(f"ratios {report}, grown {grown} kB of {began}")  # noqa: T201 - for whoever runs it by hand
    assert max(report.values()) < MOST, report
    assert grown < GROWN


def test_signals_are_routed_while_clients_keep_coming(site: Site) -> None:
    """One after the other, as fast as they are served."""
    over = threading.Event()
    answers: list[int] = []

    def come() -> None:
        while not over.is_set():
            answers.append(ask(site.path, "status")[0])

    without = site.measure()
    threads = [threading.Thread(target=come) for _ in range(4)]
    for each in threads:
        each.start()
    with_them = site.measure(3 * SLICE)
    until(lambda: len(answers) > 20, "they are answered")
    over.set()
    for each in threads:
        each.join()
    assert {*answers} == {0}
    without += site.measure()
    ratio = statistics.median(with_them) / statistics.median(without)
    print(f"ratio {ratio:.2f}, {len(answers)} answers")  # noqa: T201 - as above
    assert ratio < MOST


def test_whoever_does_not_read_a_large_answer_harms_nobody(tmp_path: Path) -> None:
    groups = json.dumps([f"group-{number:02}-{'x' * 40}" for number in range(16)])
    child = f'command = ["true"]\nonly-if = "NOWHERE_TO_BE_FOUND"\ngroups = {groups}\ninstances = 300\n'
    site = Site(tmp_path, f"[child.left-out]\n{child}")
    with site.run:
        site.began()
        size = len(json.dumps(status(site.path)))
        assert size > 300_000  # more than a socket takes
        with connected(site.path) as deaf:
            deaf.sendall(b"status\t--json\n")
            site.measure()
            assert len(status(site.path)["children"]) == 301  # others are served
            until(site.is_alone, "its time is over, and its server has ended")
            got = b""
            while piece := deaf.recv(1 << 16):
                got += piece
            assert 0 < len(got) < size
        site.measure()
    os.close(site.reader)


def test_the_end_is_not_delayed_by_clients(site: Site) -> None:
    with hostile("hang", site.path, 300):
        until(lambda: not site.is_alone(), "servers have them")
        began = time.monotonic()
        site.run.send(signal.SIGTERM)
        with suppress(OSError), socket.socket(socket.AF_UNIX) as late:
            late.connect(str(site.path))
        assert site.run.wait() == 143
        assert time.monotonic() - began < THEIRS / 1000 / 2
    assert not site.path.exists()


def test_another_user_is_refused_by_the_mode_and_without_it(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    need(os.geteuid() == 0, "root, to become another user")
    site.path.parent.chmod(0o755)
    for mode, code, why in (
        (0o600, UNAVAILABLE, "only root and the user that sigroute runs as may do that"),
        (0o666, NO_PERMISSION, "this is for root and for user 0, and not for user 65534"),
    ):
        site.path.chmod(mode)
        pid = os.fork()
        if not pid:
            os.chdir(site.path.parent)
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            os._exit(asking.run("sigroute status", site.path.name.encode(), [b"status"]))
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
        assert why in capfd.readouterr().err
    assert status(site.path)["state"] == "running"


def test_more_servers_than_there_may_be_at_once_one_after_the_other_though_nothing_else_happens(tmp_path: Path) -> None:
    """In the static form, too, PID 1 hears of the end of each."""
    path = tmp_path / "socket"
    with Supervised(tmp_path, f'[control]\npath = "{path}"\n[child.web]\ncommand = ["sleep", "1008"]\n') as run:
        before = len(opened(run.process.pid)) if status(path) else 0
        for _ in range(SERVERS + 4):
            assert ask(path, "status")[0] == 0
        until(lambda: len(opened(run.process.pid)) < before + 2, "what servers were answered by is closed")
        run.send(signal.SIGTERM)
        assert run.wait() == 143
