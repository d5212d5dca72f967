"""The journal of real runs: it has all of them, it can be done again, and trouble with it harms nobody."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from sigroute.journal.read import parts
from sigroute.journal.replay import Difference, difference, runs_of
from sigroute.timeline.read import runs
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.journal.read import Part

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms("sigroute", "static", "whole")]

RULES = """
[journal]
path = "{path}"
[drain]
wait = "300ms"
[child.front]
command = {{front}}
[child.front.on]
stop = "200ms QUIT 5s KILL"
HUP = {{{{ run = ["true"], send = "USR2" }}}}
[child.app]
command = {{app}}
[child.app.on]
stop = {{{{ after = "front", send = "TERM" }}}}
"""

ONE = '[journal]\npath = "{path}"\n[child.web]\ncommand = {{web}}\n[child.web.on]\nUSR1 = "drop"\n'


def read(path: Path) -> list[Part]:
    with path.open("rb") as file:
        return parts(path.name, file)


def filled(rules: str, path: Path) -> str:
    return rules.format(path=path).replace("{{", "{").replace("}}", "}")


def test_it_has_all_that_the_log_has_and_can_be_done_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    with Supervised(tmp_path, filled(RULES, journal)) as run:
        run.ready()
        run.send(signal.SIGHUP)
        run.said("run-ok")
        run.send(signal.SIGTERM)
        assert run.wait() == 0
        (logged,) = runs(run.log_path.read_text().splitlines())
    whole = read(journal)
    assert not any(isinstance(difference(part), Difference) for part in whole)
    (again,) = runs_of(whole)
    # Notes about the start may come before the engine's first step; what an engine does not know is added by the log.
    assert [line[1:] for line in again.lines] == [line[1:] for line in logged.lines]
    begins = logged.lines[0][0], again.lines[0][0]
    for line, same in zip(logged.lines, again.lines, strict=True):
        assert abs((line[0] - begins[0]) - (same[0] - begins[1])) < 1_000


def test_signals_that_the_watch_could_answer_are_in_it(tmp_path: Path) -> None:
    """With a journal the static executable answers no signal by its table."""
    journal = tmp_path / "journal"
    with Supervised(tmp_path, filled(ONE, journal)) as run:
        run.ready()
        for number in range(1, 6):
            run.send(signal.SIGUSR1)
            until(lambda number=number: run.events("web").count("dropped") >= number, "it is dropped")  # type: ignore[misc]
        run.send(signal.SIGTERM)
        run.wait()
    arrived = [step.event for part in read(journal) for step in part.steps if type(step.event).__name__ == "Signal"]
    assert len(arrived) == 6


@pytest.mark.parametrize("kind", ["full", "missing", "fifo", "folder", "read-only"])
def test_trouble_is_told_once_and_harms_nobody(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "journal"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path = {"full": "/dev/full", "missing": "/nowhere/journal", "read-only": "/proc/journal"}[kind]  # type: ignore[assignment]
    with Supervised(tmp_path, filled(ONE, path)) as run:
        run.ready()
        run.said("no-journal")
        for _ in range(3):
            run.send(signal.SIGUSR1)
            time.sleep(0.5)
        began = time.monotonic()
        run.send(signal.SIGTERM)
        assert run.wait() == 0
        assert time.monotonic() - began < 5
        assert run.events().count("no-journal") == 1


def test_a_reader_of_a_fifo_gets_whole_lines(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "journal")
    reader = os.open(tmp_path / "journal", os.O_RDONLY | os.O_NONBLOCK)
    with Supervised(tmp_path, filled(ONE, tmp_path / "journal")) as run:
        run.ready()
        run.send(signal.SIGTERM)
        assert run.wait() == 0
    data = os.read(reader, 1 << 20)
    os.close(reader)
    (part,) = parts("fifo", data.splitlines(keepends=True))
    assert not isinstance(difference(part), Difference)
