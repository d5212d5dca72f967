"""The control socket of real runs: the status is true, signals arrive, and where there can be no socket all goes on."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sigroute.pid1.exit_codes import FAILURE, USAGE
from tests.real.asked import ask, child, status, until_told
from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, children, state
from tests.real.programs import names
from tests.real.supervised import Supervised
from tests.real.traffic import until

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

HEAD = '[control]\npath = "{path}"\n'

RULES = f"""{HEAD}
[child.web]
command = {{web}}
groups  = ["front"]
[child.web.on]
HUP  = "USR2"
USR1 = "60s WINCH"
stop = "QUIT 50s KILL"
[child.slow]
command = ["sleep", "1001"]
ready   = {{ run = ["false"] }}
[child.blocked]
command = ["sleep", "1002"]
needs   = "slow"
[child.entry]
command = ["sleep", "1003"]
program = "nginx"
[child.entry.starting]
HUP = {{ hold = "60s", else = "KILL" }}
[child.shell]
command = ["sh", "-c", "exec sleep 1004"]
program = "sleep"
[child.flaky]
command = ["false"]
restart = {{ wait = "60s" }}
[child.absent]
command = ["sleep", "1005"]
only-if = "NOWHERE_TO_BE_FOUND"
[child.worker]
command   = ["sleep", "1006"]
instances = 2
groups    = ["front"]
[task.migrate]
command = ["true"]
[task.last]
command = ["true"]
at      = "end"
[exit]
when = "web"
"""


def filled(rules: str, path: Path) -> str:
    return rules.replace("{path}", str(path))


def by_name(found: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in found["children"]}


def is_settled(found: dict[str, Any]) -> bool:
    of = by_name(found)
    return [of[each]["phase"] for each in ("flaky", "migrate", "shell")] == ["backing off", "exited", "running"]


def test_the_status_is_true_of_all_that_a_child_can_be_in(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with Supervised(tmp_path, filled(RULES, path)) as run:
        run.ready()
        found = until_told(path, is_settled, "all is under way")
        of = by_name(found)
        assert (found["pid"], found["state"], found["stop"], found["zombies"]) == (
            run.process.pid,
            "starting",
            None,
            [],
        )
        assert found["groups"] == {"front": ["web", "worker.1", "worker.2"]}
        assert {name: (each["phase"], each["ready"]) for name, each in of.items()} == {
            "web": ("running", True), "slow": ("running", False), "blocked": ("waiting", False),
            "entry": ("starting", False), "shell": ("running", True), "flaky": ("backing off", False),
            "absent": ("left out", False), "worker.1": ("running", True), "worker.2": ("running", True),
            "migrate": ("exited", True), "last": ("waiting", False),
        }  # fmt: skip
        for name, each in of.items():
            alive = each["phase"] in ("running", "starting")
            assert (each["pid"] in children(run.process.pid)) == alive, name
            assert (each["pid"] is None) != alive, name
        assert of["blocked"]["waits"] == [{"for": "needs", "children": ["slow"]}]
        assert of["entry"]["waits"] == [{"for": "program", "children": ["nginx"]}]
        assert of["last"]["waits"] == [{"for": "end"}]
        (wait,) = of["flaky"]["waits"]
        assert (wait["for"], of["flaky"]["status"], of["flaky"]["lives"]) == ("start", 1, 1)
        assert 0 < wait["ms"] <= 60_000
        assert of["web"]["since"] >= found["since"]
        run.send(signal.SIGHUP, signal.SIGUSR1)
        os.kill(of["worker.1"]["pid"], signal.SIGSTOP)
        of = by_name(until_told(path, lambda found: by_name(found)["worker.1"]["suspended"], "it is suspended"))
        held = next(each for each in of["entry"]["waits"] if each["for"] == "hold")
        assert held["signal"] == "HUP"
        (step,) = of["web"]["waits"]
        assert (step["for"], step["signal"]) == ("step", "WINCH")
        code, table = ask(path, "status")
        assert code == 0
        assert f"sigroute (pid {run.process.pid}) since {found['since'].partition('.')[0]}Z: starting\n" in table
        assert len(table.splitlines()) == 3 + len(of)
        run.send(signal.SIGTERM)
        for each in ("slow", "entry", "worker.1", "worker.2"):
            run._kill(of[each]["pid"])  # noqa: SLF001 - those that would wait for long
        assert run.wait() == 0
        assert not path.exists()


def test_in_the_middle_of_a_stop(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    rules = f'grace = "90s"\n{HEAD}[child.web]\ncommand = {{web}}\n[child.web.on]\nstop = "40s QUIT 50s KILL"\n'
    with Supervised(tmp_path, filled(rules, path)) as run:
        run.ready()
        run.send(signal.SIGTERM)
        found = until_told(path, lambda found: found["state"] == "stopping", "it stops")
        assert (found["stop"]["signal"], found["stop"]["asked"]) == ("TERM", True)
        assert 0 < found["stop"]["grace_left_ms"] <= 90_000
        (wait,) = by_name(found)["web"]["waits"]
        assert (wait["for"], wait["signal"]) == ("step", "QUIT")
        assert ask(path, "send", "--raw", "web", "QUIT")[0] == 0
        assert run.wait() == 0


LEAVES = """
import os, sys, time
for _ in range(3):
    if not os.fork(): os._exit(0)
time.sleep(1000)
"""


def test_zombies_whose_parent_does_not_reap(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    rules = f"{HEAD}[child.web]\ncommand = {json.dumps([sys.executable, '-I', '-c', LEAVES])}\n"
    with Supervised(tmp_path, filled(rules, path)) as run:
        found = until_told(path, lambda found: [each["zombies"] for each in found["zombies"]] == [3], "it has zombies")
        pid = by_name(found)["web"]["pid"]
        ((zombies),) = found["zombies"]
        assert (zombies["parent"], zombies["child"]) == (pid, "web")
        assert (
            f"pid {pid} ({zombies['name']} of web) does not reap its children: zombies: 3\n" in ask(path, "status")[1]
        )
        run.send(signal.SIGTERM)
        run.wait()


def test_signals_by_the_rules_and_past_them(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    rules = f"""{HEAD}
    [child.web]
    command = {{web}}
    groups = ["both"]
    [child.web.on]
    HUP = "USR2"
    [child.db]
    command = {{db}}
    groups = ["both"]
    [child.worker]
    command = ["sleep", "1007"]
    instances = 2
    """.replace("\n    ", "\n")
    with Supervised(tmp_path, filled(rules, path)) as run:
        run.ready()
        code, did = ask(path, "send", "web", "HUP")
        assert code == 0
        assert "web" in did
        assert "USR2" in did
        until(lambda: names(run.path("web")) == ["USR2"], "web has it")
        assert ask(path, "send", "--raw", "web", "HUP")[0] == 0
        until(lambda: names(run.path("web")) == ["USR2", "HUP"], "web has it as it is")
        assert ask(path, "send", "@both", "WINCH")[0] == 0
        until(lambda: names(run.path("db")) == ["WINCH"] and names(run.path("web"))[2:] == ["WINCH"], "both have it")
        second = child(path, "worker.2")["pid"]
        assert ask(path, "send", "worker.1", "STOP")[0] == USAGE
        assert ask(path, "send", "--raw", "worker.1", "STOP")[0] == 0
        until(lambda: state(child(path, "worker.1")["pid"]) == "T", "one instance is stopped")
        assert state(second) == "S"
        assert ask(path, "send", "--raw", "worker", "KILL")[0] == 0
        run.wait()
        requested = [line["text"] for line in run.log() if line["event"] == "requested"]
        assert requested[0] == f"send web HUP (pid {os.getpid()}, uid {os.geteuid()})"


def test_a_child_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    rules = f'{HEAD}[child.web]\ncommand = {{web}}\n[child.gone]\ncommand = ["true"]\n[exit]\nwhen = "web"\n'
    with Supervised(tmp_path, filled(rules, path)) as run:
        run.ready()
        until_told(path, lambda found: by_name(found)["gone"]["phase"] == "exited", "it has exited")
        assert ask(path, "send", "gone", "HUP") == (FAILURE, "gone has exited\n")
        assert ask(path, "send", "nobody", "HUP")[0] == USAGE
        run.send(signal.SIGTERM)
        assert run.wait() == 0


ONE = f"{HEAD}[child.web]\ncommand = {{web}}\n"


def test_the_socket_is_its_owner_s_goes_at_the_end_and_is_replaced_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with Supervised(tmp_path, filled(ONE, path)) as run:
        run.ready()
        until(path.exists, "it listens")
        assert path.lstat().st_mode & 0o7777 == 0o600
        run.process.kill()
        run.process.wait()
        (pid,) = {line["pid"] for line in run.log() if line["event"] == "started"}
        run._kill(pid)  # noqa: SLF001 - the child of a sigroute that was killed goes on
    left = path.lstat().st_ino
    with Supervised(tmp_path, filled(ONE, path)) as run:
        run.ready()
        until_told(path, lambda found: found["pid"] == run.process.pid, "the new one answers")
        assert path.lstat().st_ino != left or "no control socket" not in run.log_path.read_text()
        run.send(signal.SIGTERM)
        assert run.wait() == 0
    assert not path.exists()


@pytest.mark.parametrize("kind", ["missing", "read-only", "folder", "file", "live"])
def test_where_it_cannot_be_it_is_told_once_and_all_goes_on(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "socket"
    reason = {"missing": "No such file", "read-only": "", "folder": "in use", "file": "in use", "live": "in use"}[kind]
    if kind in ("folder", "file"):
        path.mkdir() if kind == "folder" else path.write_text("kept")
    path = {"missing": Path("/nowhere/socket"), "read-only": Path("/proc/socket")}.get(kind, path)
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    with Supervised(folders[0], filled(ONE, path)) as first:
        first.ready()
        if kind == "live":
            until(path.exists, "it listens")
        run = first if kind != "live" else Supervised(folders[1], filled(ONE, path)).__enter__().ready()
        try:
            told = f"no control socket at {path}"
            until(lambda: told in run.log_path.read_text(), "it is told")  # the child may be ready before that
            run.send(signal.SIGHUP)
            until(lambda: names(run.path("web")) == ["HUP"], "signals arrive")
            run.send(signal.SIGTERM)
            assert run.wait() == 0
            (line,) = [each for each in run.log_path.read_text().splitlines() if told in each]
            assert reason in line
        finally:
            if run is not first:
                run.__exit__()
                assert status(path)["pid"] == first.process.pid  # whose socket is still there
                first.send(signal.SIGTERM)
                assert first.wait() == 0
    if kind == "file":
        assert path.read_text() == "kept"


def test_with_a_root_that_is_read_only(tmp_path: Path) -> None:
    """As with ``docker run --read-only``: one folder may be a tmpfs, and there it is."""
    rules, root = tmp_path / "rules.toml", tmp_path / "root"
    root.mkdir()
    mounts = f"mount --rbind / {root} && mount -o remount,bind,ro {root} && mount -t tmpfs none {root}/mnt"
    command = ["unshare", "--mount", "--", "sh", "-c", f'{mounts} && exec chroot {root} "$@"', "sh", *SIGROUTE]
    for place, works in (("/mnt/socket", True), ("/sigroute.socket", False)):
        rules.write_text(
            filled(f'{HEAD}[child.web]\ncommand = ["sh", "-c", "echo ready; exec sleep 60"]\n', Path(place))
        )
        with Container(tmp_path, [*command, "--rules", str(rules)]) as container:
            container.said("ready")
            if works:
                there = Path(f"/proc/{container.pid}/root{place}")
                until(there.exists, "it listens")
                assert there.lstat().st_mode & 0o777 == 0o600
                assert status(there)["children"][0]["phase"] == "running"
            else:
                container.said("no control socket at /sigroute.socket: Read-only file system")
            container.send(signal.SIGTERM)
            assert container.wait() == 143
            assert container.log().count("no control socket") == (not works)
