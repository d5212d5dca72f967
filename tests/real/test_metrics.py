"""The metrics of real runs: each signal is counted once, whoever has answered it, and Prometheus can fetch them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.pid1.control.counted import by, samples
from tests.real.container import SIGROUTE
from tests.real.programs import names
from tests.real.supervised import Supervised
from tests.real.traffic import HOST, free_port, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.pid1.control.counted import Samples

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms("sigroute", "static", "whole")]

PACKAGE = (sys.executable, "-m", "sigroute")

RULES = """
[control]
path = "{path}"
[child.app]
command = {{app}}
on.WINCH = "drop"
"""

#: kB of memory that a watch without Python is far below.
WITHOUT_PYTHON = 1000


def rules(folder: Path, text: str = RULES) -> str:
    return text.format(path=folder / "control")


class Run(Supervised):
    """At the ordinary level of the log: with more, the engine has lines of its own to write."""

    def __init__(self, folder: Path, text: str) -> None:
        super().__init__(folder, text)
        self.command.remove("--log-level")
        self.command.remove("debug")


def asked(folder: Path) -> Samples:
    """Return what sigroute tells, asked by the command in the form of this test, if that has it."""
    command = SIGROUTE if len(SIGROUTE) == 1 else PACKAGE
    done = subprocess.run(
        [*command, "metrics", "--control", str(folder / "control")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return samples(done.stdout)


def memory(pid: int) -> int:
    """Return the kB of memory that a process has, but for that of files (proc_pid_smaps(5), Anonymous)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Anonymous:")).split()[1])


def send_one_by_one(run: Supervised, number: int, times: int) -> None:
    """Send a signal so often, each when the one before has arrived: pending ones would become one (signal(7))."""
    for _ in range(times):
        before = len(names(run.path("app")))
        run.send(number)
        until(lambda: len(names(run.path("app"))) > before, "it arrives")  # noqa: B023 - it is called at once


def test_every_signal_is_counted_also_where_no_python_has_seen_it(tmp_path: Path, form: str) -> None:
    with Run(tmp_path, rules(tmp_path)) as run:
        run.ready()
        send_one_by_one(run, signal.SIGUSR1, 20)
        send_one_by_one(run, signal.SIGHUP, 3)
        for count in range(1, 5):
            run.send(signal.SIGWINCH)
            until(lambda: run.events("app").count("dropped") == count, "it is dropped")  # noqa: B023 - as above
        assert (memory(run.process.pid) < WITHOUT_PYTHON) == (form != "sigroute")
        first = asked(tmp_path)
        send_one_by_one(run, signal.SIGUSR1, 10)
        second = asked(tmp_path)
        third = asked(tmp_path)
    for found, times in ((first, 20), (second, 30), (third, 30)):
        assert by(found, "sigroute_signals_received_total", "signal", "sender") == {
            ("USR1", "outside"): times, ("HUP", "outside"): 3, ("WINCH", "outside"): 4,
        }  # fmt: skip
        assert by(found, "sigroute_signals_sent_total", "child", "signal") == {
            ("app", "USR1"): times,
            ("app", "HUP"): 3,
        }
        assert by(found, "sigroute_signals_dropped_total", "child", "signal", "reason") == {("app", "WINCH", "rule"): 4}
        assert by(found, "sigroute_child_starts_total", "child") == {("app",): 1}
        assert by(found, "sigroute_child_up", "child") == {("app",): 1}
        assert by(found, "sigroute_state", "sigroute_state") == {("running",): 1}
        assert by(found, "sigroute_processes_reaped_total", "kind") == {}  # none of those that have answered


@contextmanager
def ended_after(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Have a sigroute end after the test, however that goes."""
    with process:
        try:
            yield process
        finally:
            process.terminate()


#: It leaves five processes to sigroute, which end once they are its children, and tells the pid of each.
ORPHANS = """
import os, time
for _ in range(5):
    middle = os.fork()
    if not middle:
        me = os.getpid()
        left = os.fork()
        while not left and os.getppid() == me:
            time.sleep(0.001)
        if left:
            os.write(1, f"{left}\\n".encode())
        os._exit(0)
    os.waitpid(middle, 0)
os.write(1, b"all\\n")
time.sleep(60)
"""


def test_the_zombies_that_the_watch_reaps_are_counted(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(f'[control]\npath = "{tmp_path / "control"}"\n')
    command = [
        *SIGROUTE,
        "--rules",
        str(file),
        "--",
        sys.executable,
        "-c",
        ORPHANS,
    ]  # not at level debug: Python would do it
    with ended_after(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)) as run:
        assert run.stdout is not None
        told = [run.stdout.readline().strip() for _ in range(6)]
        assert told.pop() == "all"
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in told), "they are reaped")
        found = asked(tmp_path)
    assert by(found, "sigroute_processes_reaped_total", "kind") == {("adopted",): 5}


def test_many_who_ask_one_after_the_other_all_get_an_answer(tmp_path: Path) -> None:
    """There are more of them than servers at once: each server that has ended is missed by nobody."""
    with Run(tmp_path, rules(tmp_path)) as run:
        run.ready()
        for _ in range(40):
            assert by(asked(tmp_path), "sigroute_processes_reaped_total", "kind") == {}


EXPORTED = """
[control]
path = "{path}"
[exit]
when = "app"
[child.app]
command = {{app}}
[child.metrics]
command = {command}
restart = "always"
on.USR1 = "drop"
"""


def answers(port: int) -> bool:
    """Tell whether the exporter answers."""
    with suppress(OSError):
        return bool(fetched(port))
    return False


def fetched(port: int, accept: str = "*/*") -> tuple[str, str]:
    """Return the type and the text of the answer."""
    request = urllib.request.Request(f"http://{HOST}:{port}/metrics", headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


def test_prometheus_fetches_them_from_a_child(tmp_path: Path) -> None:
    port = free_port()
    control = str(tmp_path / "control")
    command = json.dumps([*PACKAGE, "exporter", "--listen", f"{HOST}:{port}", "--control", control])
    with Run(tmp_path, EXPORTED.format(path=control, command=command)) as run:
        run.ready()
        until(lambda: answers(port), "the exporter answers")
        send_one_by_one(run, signal.SIGUSR1, 2)
        kind, text = fetched(port, "application/openmetrics-text; version=1.0.0")
        assert kind.startswith("application/openmetrics-text")
        assert by(samples(text), "sigroute_signals_sent_total", "child", "signal")["app", "USR1"] == 2
        assert by(samples(text), "sigroute_child_up", "child") == {("app",): 1, ("metrics",): 1}
        kind, text = fetched(port)
        assert kind.startswith("text/plain")
        (sent,) = [each for each in text_string_to_metric_families(text) if each.name == "sigroute_signals_sent"]
        assert ("app", "USR1", 2) in [
            (each.labels["child"], each.labels["signal"], each.value) for each in sent.samples
        ]
        run.send(signal.SIGTERM)
        assert run.wait() == 0
        assert run.said("exited", child="metrics")["status"] == 0


@pytest.mark.forms("sigroute")
def test_a_compiled_init_tells_them_itself(make_init: Callable[..., Path], tmp_path: Path) -> None:
    init = make_init(f'[control]\npath = "{tmp_path / "control"}"\n')
    with ended_after(subprocess.Popen([init, "--", "sleep", "60"], stderr=subprocess.DEVNULL, text=True)):
        until((tmp_path / "control").exists, "it listens")
        done = subprocess.run([init, "--sigroute", "metrics"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert by(samples(done.stdout), "sigroute_child_up", "child") == {("sleep",): 1}
