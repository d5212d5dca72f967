"""Whole set-ups, their rule files unchanged: every child is killed in turn, then there is a stop."""

from __future__ import annotations

import shutil
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.compiled import compiled
from tests.real.container import SIGROUTE
from tests.real.require import need
from tests.real.standins.program import line_of
from tests.real.traffic import until

from .box import RULES, SENT, Box
from .sayings import Sayings
from .world import WORLDS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.real.standins import Note

KILLED = 128 + signal.SIGKILL

LOG = ("--log", "json", "--log-level", "debug")

PROGRAMS = ("nginx", "haproxy", "Xvfb", "npm", "/usr/lib/postgresql/15/bin/postgres", "/usr/bin/python3")


def box(name: str, folder: Path, init: list[str], request: pytest.FixtureRequest) -> Box:
    """Return the container of a set-up, with a database if it has a real one."""
    for program in PROGRAMS:
        need(shutil.which(program), program)
    database = request.getfixturevalue("database") if WORLDS[name].database else None
    return Box(name, folder, [*init, "--"] if WORLDS[name].command else init, database)


def fatal(name: str) -> list[str]:
    """Return the children of a set-up whose death by KILL ends it."""
    says = Sayings(RULES / f"{name}.toml")
    return [
        child for child in says.children
        if child not in WORLDS[name].left_out and says.ends_all(child) and not says.comes_back(child, KILLED)
    ]  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.usefixtures("runtimes")
def test_who_is_killed_comes_back_and_a_stop_has_its_order(
    name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    init = compiled(tmp_path, (RULES / f"{name}.toml").read_text(), *LOG, form="static")
    with box(name, tmp_path, [str(init)], request) as here:
        here.settle()
        check_start(here)
        dead = {child for child in here.lives() if here.base(child) not in fatal(name) and not kill(here, child)}
        until(lambda: not here.strangers(), "nothing is left of old lives")
        here.send(signal.SIGTERM)
        hurry(here)
        assert here.wait() == here.world.code, here.log()
        check_stop(here, dead)


def kill(here: Box, child: str) -> bool:
    """Kill a child; return whether it comes back, once it has."""
    pid = here.lives()[child]
    here.kill(child)
    until(lambda: here.events("killed", child=child), f"{child} has died")
    base = here.base(child)
    if not here.says.comes_back(base, KILLED):
        return False
    until(lambda: here.events("comes-back", child=child), f"{child} will come back")
    if here.says.first_wait(base) != "0s":
        return False
    until(lambda: here.lives()[child] != pid and here.is_up(child), f"{child} is back")
    assert here.running(), here.log()
    return True


def hurry(here: Box) -> None:
    """Send it again where a repeat skips a wait; within 200 ms it would be a duplicate."""
    for name in here.says.children:
        if here.says.stop(name).get("again") == "next":
            until(partial(here.events, "waits", child=name), "it waits")
            time.sleep(0.25)
            here.send(signal.SIGTERM)


#: Where the death of each child ends all, the first and the last of them tell enough.
FATAL = [(name, child) for name in WORLDS for child in dict.fromkeys(fatal(name)[:1] + fatal(name)[-1:])]


@pytest.mark.parametrize(("name", "child"), FATAL)
def test_who_does_not_come_back_ends_all(name: str, child: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with box(name, tmp_path, [*SIGROUTE, "--rules", str(RULES / f"{name}.toml"), *LOG], request) as here:
        here.settle()
        here.kill(child)
        assert here.wait() == here.says.mapped(KILLED), here.log()
        check_stop(here, {child})


def check_start(here: Box) -> None:
    """Check that each was started when those that it needs were ready, a task done."""
    began: dict[str, int] = {}  # by member: the place of its first start
    released: dict[str, int] = {}  # and of what releases those that need it, of its last instance
    for index, each in enumerate(here.events("started", "is-ready", "task-done")):
        name = here.base(each["child"]) or each["child"]
        if each["event"] == "started":
            began.setdefault(name, index)
        is_task = name in here.says.tasks
        waited = "task-done" if is_task else "started" if here.says.value(name, "ready") is None else "is-ready"
        if each["event"] == waited:
            released[name] = index
    for name, index in began.items():
        for other in here.says.needs(name) & here.expected:
            assert released[other] < index, f"{name} was started before {other} was ready"


def check_stop(here: Box, dead: set[str]) -> None:
    """Check that each living child got its signal, after those that it had to wait for had ended."""
    begin, bad = ("stop", "stop-unasked"), {"drain-kill", "undying", "fallback"}
    events = here.events(*begin, *bad, *SENT, "exited", "killed", "task-done")
    while events[0]["event"] not in begin:
        events.pop(0)
    assert not [each for each in events if each["event"] in bad], here.log()
    lives = {child: pid for child, pid in here.lives().items() if child not in dead}
    sent = {child: first(events, SENT, child) for child in lives}
    ended = {child: first(events, ("exited", "killed"), child) for child in lives}
    notes = here.notes()
    for child, pid in lives.items():
        signal_sent, after = here.says.first(here.base(child)), here.says.after(here.base(child))
        assert events[sent[child]]["signal"] == signal_sent, child
        early = [other for other in lives if here.base(other) in after and ended[other] > sent[child]]
        assert not early, f"{child} was told to end before {early} had"
        check_notes([note for note in notes if note.pid == pid], signal_sent)
    for name, task in here.says.tasks.items():
        assert "at" not in task or first(events, ("task-done",), name) > max(ended.values())


def check_notes(mine: list[Note], expected: str) -> None:
    """Check that a stand-in has got what the log says."""
    if not mine:
        return
    started = [note for note in mine if note.what == "start"][-1]
    program, *words = started.detail.split()
    line = line_of(program, words)
    got = [note.what for note in mine if note.what not in {"start", "up", "end"}]
    if expected in line.get("ends", {}) or expected in line.get("keeps", "").split():
        assert got[:1] == [expected]
    else:
        assert got == []


def first(events: list[dict[str, Any]], names: tuple[str, ...], child: str) -> int:
    """Return the place of a child's first event of these."""
    return next(index for index, each in enumerate(events) if each["event"] in names and each["child"] == child)
