"""Several real children: groups, an ordered stop, one deaf to it, one that exits at once, one that never starts."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.real.programs import got, names
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

THREE = """
[child.front]
command = {front}
groups = ["web"]
[child.app]
command = {app}
groups = ["web", "jobs"]
[child.worker]
command = {worker}
groups = ["jobs"]
[group.web.on]
HUP = "USR2"
[group.jobs.on]
HUP = "WINCH"
[child.app.on]
stop = { after = "front", send = "QUIT 60s KILL" }
[child.worker.on]
stop = { after = ["front", "app"], send = "TERM 60s KILL" }
[exit]
when = "all"
"""

DEAF = """
[child.deaf]
command = {deaf}
[on]
stop = "TERM WAIT KILL"
"""


def test_a_broadcast_reaches_every_child_and_each_group_has_its_own_rewrite(tmp_path: Path) -> None:
    with Supervised(tmp_path, THREE) as run:
        run.ready().send(signal.SIGUSR1)
        until(lambda: all(names(run.path(name)) == ["USR1"] for name in run.recorders), "USR1 reached all three")
        run.send(signal.SIGHUP)
        until(lambda: all(len(names(run.path(name))) == 2 for name in run.recorders), "HUP reached all three")
        assert {name: names(run.path(name))[1] for name in run.recorders} == {
            "front": "USR2",
            "app": "USR2",  # its first group speaks
            "worker": "WINCH",
        }


def test_a_stop_in_order(tmp_path: Path) -> None:
    with Supervised(tmp_path, THREE) as run:
        run.ready().send(signal.SIGTERM)
        assert run.wait() == 0
        order = [(line["event"], line["child"]) for line in run.log() if line["event"] in ("sent", "exited")]
        assert order == [(what, who) for who in ("front", "app", "worker") for what in ("sent", "exited")]
        assert {name: names(run.path(name)) for name in run.recorders} == {
            "front": ["TERM"],
            "app": ["QUIT"],
            "worker": ["TERM"],
        }


def deaf_for(tmp_path: Path, wait: str) -> int:
    """Stop a child that is deaf to TERM; return how long it lived on, in milliseconds."""
    tmp_path.mkdir()
    with Supervised(tmp_path, DEAF.replace("WAIT", wait), ends={"deaf": "USR1=0"}) as run:
        sent = run.ready().send(signal.SIGTERM)
        assert run.wait() == 137
        took = since(sent)
        assert names(run.path("deaf")) == ["TERM"]
        assert {"signal", "sent", "killed"} <= set(run.events())
        return took


def since(sent: int) -> int:
    """Return the milliseconds since a signal was sent. The log does not tell them: it is written after the deed."""
    return time.monotonic_ns() // 1_000_000 - sent


def test_an_escalation_at_its_stated_times_at_two_settings(tmp_path: Path) -> None:
    short, long = deaf_for(tmp_path / "short", "400ms"), deaf_for(tmp_path / "long", "1600ms")
    assert 400 <= short < 1600 <= long < 1600 + 1200


def test_an_escalation_without_a_wait(tmp_path: Path) -> None:
    with Supervised(tmp_path, DEAF.replace("WAIT", "0s"), ends={"deaf": "USR1=0"}) as run:
        run.ready().send(signal.SIGTERM)
        assert run.wait() == 137
        assert run.events().count("sent") == 2
        assert "waits" not in run.events()  # both in one turn of the loop


AT_ONCE = """
[child.short]
command = ["sh", "-c", "exit 5"]
[child.long]
command = {long}
"""


@pytest.mark.parametrize(
    ("exit_", "code", "stays"),
    [
        ("", 5, False),
        ('[exit]\nwhen = "short"', 5, False),
        ('[exit]\nwhen = "long"', 7, True),
        ('[exit]\nwhen = "all"', 5, True),
    ],
)
def test_one_that_exits_at_once(tmp_path: Path, exit_: str, code: int, stays: object) -> None:
    with Supervised(tmp_path, AT_ONCE + exit_, ends={"long": "TERM=7"}) as run:
        run.said("exited", child="short", status=5)
        if stays:
            run.ready()
            assert run.process.poll() is None
            run.send(signal.SIGTERM)
        assert run.wait() == code


@pytest.mark.parametrize(
    ("command", "status", "reason"),
    [
        ('["no-such-program"]', 127, "not found"),
        ('["/etc"]', 126, "is a directory"),
    ],
)
def test_one_that_can_not_be_started(tmp_path: Path, command: str, status: int, reason: str) -> None:
    rules = f'[child.missing]\ncommand = {command}\n[child.long]\ncommand = {{long}}\n[exit]\nwhen = "long"\n'
    with Supervised(tmp_path, rules) as run:
        run.ready()
        told = run.said("not-started", child="missing")
        assert (told["level"], reason in told["reason"]) == ("error", True), told
        run.send(signal.SIGUSR1)
        until(lambda: names(run.path("long")) == ["USR1"], "the other child is served")
        run.send(signal.SIGTERM)
        assert run.wait() == 0
    code = f'{rules}code = "missing"\n'
    with Supervised(tmp_path, code) as run:
        run.ready().send(signal.SIGTERM)
        assert run.wait() == status


def test_exit_map_is_for_a_stop_that_was_asked_for(tmp_path: Path) -> None:
    rules = "[child.one]\ncommand = {one}\n[exit]\nmap = { 143 = 0 }\n"
    with Supervised(tmp_path, rules, ends={"one": "TERM=143 USR1=143"}) as run:
        run.ready().send(signal.SIGTERM)
        assert run.wait() == 0
    run.path("one").unlink()
    with Supervised(tmp_path, rules, ends={"one": "TERM=143 USR1=143"}) as run:
        run.ready().send(signal.SIGUSR1)
        assert run.wait() == 143


def test_a_repeat_changes_nothing_of_an_escalation(tmp_path: Path) -> None:
    with Supervised(tmp_path, DEAF.replace("WAIT", "1s"), ends={"deaf": "USR1=0"}) as run:
        sent = run.ready().send(signal.SIGTERM)
        run.said("waits")
        for _ in range(3):
            run.send(signal.SIGTERM, signal.SIGINT)
        assert run.wait() == 137
        assert 1000 <= since(sent) < 2000
        assert [name for name, _ in got(run.path("deaf"))] == ["TERM"]


MANY = 30


def test_a_stop_while_others_are_still_to_be_started(tmp_path: Path) -> None:
    """The first child asks for it itself, as soon as it runs; each of the others takes a fork and an exec."""
    rules = '[exit]\nwhen = "all"\n[child.first]\ncommand = ["sh", "-c", "kill -TERM $PPID; exec sleep 60"]\n'
    rules += "".join(f'[child.c{number}]\ncommand = ["sleep", "60"]\n' for number in range(MANY))
    with Supervised(tmp_path, rules) as run:
        assert run.wait() == 143
        events = run.events()
        stop = events.index("stop")
        assert "started" not in events[stop:]
        assert events.count("never-started") == MANY + 1 - events.count("started") > 0
        assert events.count("killed") == events.count("started")
