"""Trees that outlive their first process: servers that make themselves daemons, workers that go on, a changed group."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.container import SIGROUTE, Container, children, title_of
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.test_php_fpm import php_fpm
from tests.real.traffic import free_port, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

#: The leader passes nothing on and ends at TERM; what it has started does not.
DEAF = """
sh -c 'trap : TERM; (trap "" TERM; echo far; exec setsid sleep 61) & echo near; while :; do sleep 1; done' & wait
"""

#: Leaves the process group that it led to a worker, for one of its own session.
LEAVES = """
import os, signal, time
if not os.fork():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(60)
elsewhere = os.fork()
if not elsewhere:
    os.setpgid(0, 0)
    time.sleep(60)
os.setpgid(elsewhere, elsewhere)
os.setpgid(0, elsewhere)
signal.signal(signal.SIGTERM, lambda *_: print("asked to end", flush=True))
print("it has left", flush=True)
while True: signal.pause()
"""


def nginx_daemon(folder: Path) -> tuple[list[str], str]:
    """Return nginx's command, as a daemon, and how its master is known."""
    need(shutil.which("nginx"), "nginx")
    folder.chmod(0o755)
    command = nginx.command(folder, free_port(), "return 200 quick;")
    return [*command[:-1], "daemon on;"], "nginx: master process"


def php_daemon(folder: Path) -> tuple[list[str], str]:
    """Return the same of PHP-FPM."""
    program = php_fpm()
    need(program, "php-fpm")
    text = f"[global]\nerror_log = {folder}/log\n[www]\nlisten = {folder}/socket\nuser = root\npm = static\n"
    (folder / "fpm.conf").write_text(f"{text}pm.max_children = 2\n")
    return [str(program), "-R", "-D", "-y", str(folder / "fpm.conf")], "php-fpm: master process"


def tmux(folder: Path) -> tuple[list[str], str]:
    """Return the same of tmux, whose server is a daemon, and ends with its last session."""
    need(shutil.which("tmux"), "tmux")
    return ["tmux", "-S", str(folder / "socket"), "new-session", "-d", "sleep 60"], "tmux -S"


DAEMONS = {
    "nginx": (nginx_daemon, "QUIT 20s KILL"),
    "php-fpm": (php_daemon, "QUIT 20s KILL"),
    "tmux": (tmux, "TERM 20s KILL"),
}


@pytest.mark.parametrize("name", DAEMONS)
def test_a_daemon_is_the_only_childs_and_gets_its_signals(tmp_path: Path, name: str) -> None:
    make, stop = DAEMONS[name]
    command, title = make(tmp_path)
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[child.server]\nexited = "tree"\n[child.server.on]\nstop = "{stop}"\n')
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", *command]) as container:
        container.said("exited with 0")
        until(lambda: any(title in each for each in titles(container)), "the daemon is there, and sigroute's own")
        time.sleep(0.3)  # nothing more is to happen
        assert container.running()
        assert "stop:" not in container.log()
        container.send(signal.SIGTERM)
        assert container.wait() == 0
        said = container.log()
        assert "gets KILL" not in said
        assert "left behind" not in said
        assert f"gets {stop[:4]} [child.server.on.stop]" in said
        assert "server: all of its tree has ended" in said


def test_without_a_rule_a_daemon_gets_what_it_handles(tmp_path: Path) -> None:
    command, title = nginx_daemon(tmp_path)
    rules = tmp_path / "rules.toml"
    rules.write_text('[child.server]\nexited = "tree"\n')
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", *command]) as container:
        container.said("exited with 0")
        until(lambda: any(title in each for each in titles(container)), "the daemon is there, and sigroute's own")
        for name in ("HUP", "QUIT"):
            container.send(signal.Signals[f"SIG{name}"])
            container.said(f"gets {name} [default]")
        assert container.wait() == 0
        assert "TERM" not in container.log()


def titles(container: Container) -> list[str]:
    """Return the command lines of PID 1's own children."""
    return [title_of(pid) for pid in children(container.pid)]


def test_a_stop_goes_on_when_the_first_process_has_gone(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[child.server]\nexited = "tree"\n[child.server.on]\nstop = "TERM 1500ms KILL"\n')
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", DEAF]) as container:
        container.said("near")
        container.said("far")
        began = time.monotonic()
        container.send(signal.SIGTERM)
        assert container.wait() == 143
        assert time.monotonic() - began >= 1.5
        assert container.log().count("gets KILL [child.server.on.stop]") >= 2
        assert "left behind" not in container.log()


def test_what_an_only_child_has_left_is_killed_before_it_comes_back(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    leaves = 'command = ["sh", "-c", "setsid sleep 600 & sleep 0.3; exit 3"]'
    rules.write_text(f'[child.app]\n{leaves}\nrestart = {{ wait = "0s", attempts = 3 }}\n')
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        assert container.wait() == 3
        assert container.log().count("gets KILL [restart]") == 2


def test_with_several_children_it_is_told_that_nobody_knows_whose_a_daemon_is(tmp_path: Path) -> None:
    """It has left its parent's process group before that exits: else it would be known by the group (setsid(2))."""
    there, title = tmp_path / "there", "sleep 61"
    daemon = f"setsid sh -c 'touch {there}; exec {title}' & until [ -e {there} ]; do sleep 0.05; done"
    command = ["sh", "-c", daemon]
    rules = tmp_path / "rules.toml"
    rules.write_text(
        f'[child.web]\ncommand = {json.dumps(command)}\nexited = "tree"\n'
        '[child.other]\ncommand = ["sleep", "60"]\n[exit]\nwhen = "all"\n'
    )
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        container.said("web: these processes may be left over from it or from others, and go on until the end: pid")
        assert any(title in each for each in titles(container))
        container.send(signal.SIGTERM)
        assert container.wait() == 0
        assert container.log().count("may be left over") == 1


#: Its orphans are another's: strace(1), from outside, says no for the kernel.
NO_SUBREAPER = ["strace", "-D", "-o", "/dev/null", "-e", "trace=prctl", "-e", "inject=prctl:error=EPERM"]

ADOPTED = """
[child.front]
command = ["sh", "-c", "sleep 2 & trap 'exit 3' HUP; while :; do sleep 0.1; done"]
exited = "tree"
[child.front.on]
USR1 = { send = "CONT", scope = "tree" }
[child.back]
command = {back}
[exit]
when = "front"
"""


def test_the_end_of_a_tree_is_noticed_that_somebody_else_has_adopted(tmp_path: Path) -> None:
    need(shutil.which("strace"), "strace")
    with Supervised(tmp_path, ADOPTED, prefix=NO_SUBREAPER) as run:
        run.ready().send(signal.SIGUSR1)  # whoever is in the tree is known from then on
        run.said("sent-member", child="front")
        os.kill(run.said("started", child="front")["pid"], signal.SIGHUP)
        run.said("tree-ended", child="front")
        assert run.wait() == 3


def test_a_groups_signal_reaches_the_child_that_has_left_it(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    command = json.dumps([sys.executable, "-c", LEAVES])
    rules.write_text(
        f"[child.server]\ncommand = {command}\n"
        '[child.server.on]\nstop = { send = "TERM 500ms KILL", scope = "process-group" }\n'
    )
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
        container.said("it has left")
        container.send(signal.SIGTERM)
        container.said("asked to end")
        assert container.wait() == 137
