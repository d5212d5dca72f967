"""``stop``, ``start``, ``restart`` and ``events`` on real children, as programs ask for them."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.journal.read import parts
from sigroute.journal.replay import Difference, difference
from sigroute.timeline.read import runs
from tests.real.asked import ask, child, connected, until_told
from tests.real.conftest import FORMS
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    import socket

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

RULES = """
[control]
path = "{path}"
[child.web]
command = {web}
restart = "always"
[child.web.on]
stop = "QUIT"
HUP = "USR2"
[child.shell]
command = ["sh", "-c", "sleep 1000 & echo $! >>PIDS; wait"]
[child.worker]
command   = ["sh", "-c", "sleep 0.2; echo >&3; exec sleep 1000"]
instances = 3
groups    = ["workers"]
ready     = { fd = 3 }
"""


def rules(folder: Path, text: str = RULES) -> tuple[Path, str]:
    """Return the path of the socket, and rules that have it."""
    path = folder / "socket"
    return path, text.replace("{path}", str(path)).replace("PIDS", str(folder / "pids"))


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_who_is_stopped_stays_down_until_it_is_started(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        run.ready()
        first = child(path, "web")
        assert ask(path, "stop", "web") == (0, "")
        assert child(path, "web") | {"since": None} == first | {
            "phase": "down", "ready": False, "pid": None, "status": 0, "asked": "stop", "since": None,
        }  # fmt: skip
        assert not is_there(first["pid"])
        assert run.process.poll() is None
        assert ask(path, "send", "web", "HUP") == (1, "web is down\n")
        assert ask(path, "start", "web") == (0, "")
        again = child(path, "web")
        assert (again["phase"], again["lives"]) == ("running", 2)
        assert is_there(again["pid"])
        assert ask(path, "stop", "web") == ask(path, "stop", "web") == (0, "")
        run.send(signal.SIGTERM)
        run.wait()
        assert "comes-back" not in run.events("web")


def test_a_restart_leaves_nothing_of_the_old_tree(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        run.ready()
        until(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().count("\n") == 1, "it forked")
        old = int((tmp_path / "pids").read_text())
        before = child(path, "shell")
        assert ask(path, "restart", "shell")[0] == 0
        after = child(path, "shell")
        assert (after["phase"], after["lives"]) == ("running", before["lives"] + 1)
        assert not is_there(before["pid"])
        assert not is_there(old)
        run.send(signal.SIGTERM)
        run.wait()


def test_one_by_one_there_is_always_all_but_one(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        until_told(path, lambda found: found["state"] == "running", "all are ready")
        done: list[tuple[int, str]] = []
        rolling = threading.Thread(target=lambda: done.append(ask(path, "restart", "--one-by-one", "@workers")))
        rolling.start()
        fewest = 3
        while rolling.is_alive():
            seen = [each for each in until_told(path, bool, "")["children"] if each["name"].startswith("worker.")]
            fewest = min(fewest, sum(each["ready"] for each in seen))
        rolling.join()
        assert done == [(0, "")]
        assert fewest == 2
        assert [child(path, f"worker.{number}")["lives"] for number in (1, 2, 3)] == [2, 2, 2]
        run.send(signal.SIGTERM)
        run.wait()


def test_who_goes_away_in_the_middle_leaves_the_rest_as_it_is(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        until_told(path, lambda found: found["state"] == "running", "all are ready")
        with connected(path) as client:
            client.sendall(b"restart\t--one-by-one\t@workers\n")
            until_told(path, lambda found: found["children"][2]["lives"] == 2, "the first is under way")
        until_told(path, lambda found: found["state"] == "running", "it is there again")
        run.send(signal.SIGTERM)
        run.wait()
        asked = [line["text"] for line in run.log() if line["event"] == "requested"]
        assert len(asked) < 3, "nobody waits for the answer any more"


def test_a_child_that_exits_before_it_is_ready_is_told_of(tmp_path: Path) -> None:
    text = '[control]\npath = "{path}"\n[child.a]\ncommand = ["sh", "-c", "test -e FLAG && exit 7; exec sleep 1000"]\n'
    text += 'ready = "300ms"\nrestart = { wait = "60s" }\n[child.b]\ncommand = {b}\n'
    path, text = rules(tmp_path, text.replace("FLAG", str(tmp_path / "flag")))
    with Supervised(tmp_path, text) as run:
        run.ready()
        (tmp_path / "flag").touch()
        assert ask(path, "restart", "a") == (1, "a has exited with 7, and is started again later\n")
        (tmp_path / "flag").unlink()
        assert ask(path, "start", "a") == (0, "")
        run.send(signal.SIGTERM)
        run.wait()


def lines(client: socket.socket, data: bytes = b"") -> tuple[list[dict[str, Any]], bytes]:
    """Read once; return the lines that are whole, and the rest."""
    *whole, rest = (data + client.recv(1 << 16)).split(b"\n")
    return [json.loads(each) for each in whole if not each.startswith(b"sigroute ")], rest


def test_who_follows_is_told_of_all_that_the_log_says(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        run.ready()
        with connected(path) as client:
            client.sendall(b"events\t--follow\n")
            found, rest = lines(client)
            assert (found, rest) == ([], b"")
            for _ in range(3):  # the static form answers no such signal by itself now
                before = run.events("web").count("sent")
                run.send(signal.SIGHUP)
                until(lambda before=before: run.events("web").count("sent") > before, "it is sent")  # type: ignore[misc]
            assert ask(path, "stop", "web") == (0, "")
            while not any(each["event"] == "exited" for each in found):
                more, rest = lines(client, rest)
                found += more
        logged = [each for each in run.log() if each["event"] in ("signal", "sent", "requested", "exited")]
        told = [each for each in found if each["event"] in ("signal", "sent", "requested", "exited")]
        assert [{**each, "time": ""} for each in told] == [{**each, "time": ""} for each in logged][: len(told)]
        assert [each["event"] for each in told].count("signal") == 3
        run.send(signal.SIGTERM)
        run.wait()


def test_who_follows_and_does_not_read_delays_nobody(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    with Supervised(tmp_path, text) as run:
        run.ready()
        with connected(path) as client:
            client.sendall(b"events\t--follow\n")
            assert lines(client)[0] == []
            while True:
                for _ in range(100):
                    os.kill(run.process.pid, signal.SIGHUP)
                assert ask(path, "status")[0] == 0
                if run.events("web").count("sent") > 10:
                    break
            run.send(signal.SIGTERM)
            assert run.wait() is not None


def test_a_journal_of_requests_can_be_done_again_and_drawn(tmp_path: Path) -> None:
    path, text = rules(tmp_path)
    journal = tmp_path / "journal"
    with Supervised(tmp_path, f'{text}\n[journal]\npath = "{journal}"\n') as run:
        run.ready()
        ask(path, "stop", "web")
        ask(path, "start", "web")
        ask(path, "restart", "worker.2")
        run.send(signal.SIGTERM)
        run.wait()
        (drawn,) = runs(run.log_path.read_text().splitlines())
    with journal.open("rb") as file:
        whole = parts("journal", file)
    assert whole
    assert not any(isinstance(difference(part), Difference) for part in whole)
    assert drawn.lines
