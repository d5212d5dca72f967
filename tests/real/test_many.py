"""Many real children: their order both ways, restarts under kill -9, a stop at any moment of the start, tasks."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.real.container import SIGROUTE, Container, children
from tests.real.traffic import until

pytestmark = pytest.mark.usefixtures("form")

#: Writes what it does into a file; TERM ends it, after a moment.
NOTES = """
trap 'kill $!; sleep 0.1; echo end-{name} >>{folder}/notes; exit 0' TERM
echo start-{name} >>{folder}/notes
{then}
sleep 1000 & while :; do wait; done
"""

ORDER = """
grace = "20s"
[child.web]
command = {web}
needs   = "@app"
[group.app]
needs = "tables"
[child.php]
command = {php}
groups  = "app"
ready   = {{ run = ["test", "-e", "{folder}/php-is-ready"], every = "100ms" }}
[child.worker]
command = {worker}
groups  = "app"
[child.db]
command = {db}
ready   = {{ listen = "{folder}/socket", within = "20s" }}
[child.shipper]
command = {shipper}
[child.shipper.on]
stop = {{ after = "all", send = "TERM" }}
[task.tables]
command = {tables}
needs   = "db"
[task.bye]
command = {bye}
at      = "end"
"""

LISTENS = """
python3 -c 'import socket, time
s = socket.socket(socket.AF_UNIX)
s.bind("{folder}/socket")
time.sleep(0.2)
s.listen()
time.sleep(1000)' &
"""


def rules_of(folder: Path) -> str:
    """Return the rules of five children and two tasks that note when they start and end."""

    def command(name: str, then: str = "") -> str:
        return json.dumps(["sh", "-c", NOTES.format(name=name, folder=folder, then=then)])

    return ORDER.format(
        folder=folder,
        web=command("web"),
        php=command("php", f"sleep 0.2; touch {folder}/php-is-ready"),
        worker=command("worker"),
        db=command("db", LISTENS.format(folder=folder)),
        shipper=command("shipper"),
        tables=json.dumps(["sh", "-c", f"echo tables >>{folder}/notes; sleep 0.1"]),
        bye=json.dumps(["sh", "-c", f"echo bye >>{folder}/notes"]),
    )


def notes(folder: Path) -> list[str]:
    """Return what the children have noted so far."""
    with suppress(FileNotFoundError):
        return (folder / "notes").read_text().split()
    return []


def test_they_start_in_their_order_and_stop_the_other_way_round(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(rules_of(tmp_path))
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        until(lambda: "start-web" in notes(tmp_path), "the last one has started")
        container.send(signal.SIGTERM)
        assert container.wait() == 0
    told = notes(tmp_path)
    place = {what: index for index, what in enumerate(told)}
    before = [
        ("start-db", "tables"), ("tables", "start-php"), ("tables", "start-worker"), ("start-php", "start-web"),
        ("start-worker", "start-web"), ("end-web", "end-php"), ("end-web", "end-worker"), ("end-php", "end-db"),
        ("end-worker", "end-db"), ("end-db", "end-shipper"), ("end-shipper", "bye"),
    ]  # fmt: skip
    assert [pair for pair in before if place[pair[0]] > place[pair[1]]] == []
    assert len(told) == len(place) == 12


@pytest.mark.parametrize("moment", range(4))
def test_a_stop_at_any_moment_of_the_start_starts_nothing_more_and_ends(tmp_path: Path, moment: int) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(rules_of(tmp_path))
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        until(lambda: len(notes(tmp_path)) > moment, "some have started")
        container.send(signal.SIGTERM)
        assert container.wait() in (0, 143)
    told = notes(tmp_path)
    first = next(index for index, what in enumerate(told) if what.startswith("end-"))
    # A start that was under way when the stop began may note itself a little later.
    assert sum(what.startswith("start-") for what in told[first:]) <= 1
    started = {what.removeprefix("start-") for what in told if what.startswith("start-")}
    assert {what.removeprefix("end-") for what in told if what.startswith("end-")} <= started
    assert told[-1] == "bye"


#: How many children are killed.
KILLS = int(os.environ.get("SIGROUTE_KILLS", "12"))

ALWAYS = """
restart = { unless = [], wait = "0s 10ms" }
[child.a]
command = ["sleep", "1000"]
[child.b]
command = ["sh", "-c", "sleep 1001 & sleep 1002; wait"]
exited = "process"
[child.c]
command = ["sleep", "1003"]
needs = ["a", "b"]
[on]
USR1 = { send = "50ms CONT", again = "repeat" }
"""


def test_children_that_are_killed_come_back_and_leave_nothing_behind(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(ALWAYS)
    chance = random.Random(15)
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        until(lambda: len(own(container)) == 3, "all three run")
        for _ in range(KILLS):
            for _ in range(3):
                container.send(signal.SIGUSR1)
            time.sleep(chance.random() / 20)  # any moment
            victim = chance.choice(list(own(container)) or [0])
            if victim:
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                until(partial(is_gone, container, victim), "it has died")
        until(lambda: sorted(own(container).values()) == ["sh", "sleep", "sleep"], "all three are back")
        until(lambda: not zombies(container), "no zombie is left")
        until(lambda: len(tree(container.pid)) == 5, "what was left of old lives has ended")
        container.send(signal.SIGTERM)
        assert container.wait() == 143


def is_gone(container: Container, pid: int) -> bool:
    """Tell whether a child has ended."""
    return pid not in own(container)


def own(container: Container) -> dict[int, str]:
    """Return the living children of PID 1, with their names."""
    return {pid: name for pid in children(container.pid) if (name := state_of(pid)[0]) and state_of(pid)[1] != "Z"}


def zombies(container: Container) -> list[int]:
    """Return the zombies of the namespace."""
    return [pid for pid in tree(container.pid) if state_of(pid)[1] == "Z"]


def tree(pid: int) -> list[int]:
    """Return all descendants of a process."""
    found = list(children(pid))
    for each in found:
        found += children(each)
    return found


def state_of(pid: int) -> tuple[str, str]:
    """Return the name and the state of a process; two empty strings if it has gone."""
    with suppress(OSError):
        name, _, rest = Path(f"/proc/{pid}/stat").read_text().partition("(")[2].rpartition(")")
        return name, rest.split()[0]
    return "", ""


@pytest.mark.usefixtures("form")
def test_tasks_alone_are_stopped_by_a_signal_or_by_the_failure_of_one(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("""
grace = "20s"
[task.a]
command = ["sh", "-c", "trap 'echo stopped; exit 0' TERM; echo up; while :; do sleep 0.05; done"]
[task.b]
command = ["sh", "-c", "while ! [ -e fail ]; do sleep 0.05; done; exit 4"]
needs   = "first"
[task.first]
command = ["true"]
[task.last]
command = ["echo", "last"]
at      = "end"
""")
    for fails, code in ((False, 0), (True, 4)):
        with Container(tmp_path, ["env", f"--chdir={tmp_path}", *SIGROUTE, "--rules", str(rules)]) as container:
            container.said("up\n")
            container.said("b (pid")
            if fails:
                (tmp_path / "fail").touch()
            else:
                container.send(signal.SIGTERM)
            assert container.wait() == code
        assert "stopped\n" in container.log()
        assert "last\n" in container.log()
        assert "error of sigroute's own" not in container.log()


def test_a_task_that_fails_ends_the_container_with_its_code(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text("""
[child.web]
command = ["sleep", "1000"]
needs   = "migrate"
[child.db]
command = ["sleep", "1000"]
[task.migrate]
command = ["sh", "-c", "exit 7"]
needs   = "db"
restart = { attempts = 2, wait = "0s" }
[exit]
map = { any = 0 }
""")
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        assert container.wait() == 7
        log = container.output.read_text()
    assert "web will not be started" in log
    assert "stop: migrate has failed with 7, so the container ends" in log
    assert log.count("migrate (pid") == 4  # two starts, two exits
