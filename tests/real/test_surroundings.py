"""Where sigroute runs: without /proc, at the limit of processes, under a shell, with odd descriptors."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, children
from tests.real.programs import names
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

#: Python itself may be where only root may look.
SEES_ALL = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def test_without_proc_it_routes_reaps_and_says_so(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[child.one]\nprogram = "sh"\n[child.one.on]\nstop = { send = "USR1", scope = "tree" }\n')
    hide = 'mount -t tmpfs -o size=4k none /proc && exec "$@"'
    server = "trap 'exit 4' USR1; (sh -c 'exit 3' &); echo ready; while :; do sleep 0.1; done"
    with Container(
        tmp_path, ["sh", "-c", hide, "sh", *SIGROUTE, "--rules", str(rules), "--", "sh", "-c", server]
    ) as container:
        container.said("ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 4
        assert container.log().count("no /proc here") == 1
        assert "reaped" not in container.log()  # a matter of --log-level debug


def test_the_proc_of_an_outer_namespace_is_not_taken_for_ours(tmp_path: Path) -> None:
    """A namespace made without a /proc of its own: by the same numbers it shows other processes."""
    inner = ["unshare", "--pid", "--fork", "--kill-child", "--"]
    leaves = "(setsid sleep 60 &); exit 3"
    with Container(tmp_path, [*inner, *SIGROUTE, "--", "sh", "-c", leaves]) as container:
        assert container.wait() == 3
        assert container.log().count("no /proc here") == 1
        assert " gets " not in container.log()


def test_fork_that_fails_at_the_limit_of_processes_is_tried_again_while_the_others_are_served(tmp_path: Path) -> None:
    """Two children, and room for one: at the limit (RLIMIT_NPROC, getrlimit(2)), until another process ends."""
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, for a user with no other process")
    user = 64_001 + os.getpid() % 1000
    folder = tmp_path / "free"
    folder.mkdir()
    folder.chmod(0o777)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    tmp_path.chmod(0o755)
    rules = "[child.one]\ncommand = {one}\n[child.two]\ncommand = {two}\n"
    prefix = ["setpriv", f"--reuid={user}", "--clear-groups", *SEES_ALL]

    def three_at_most() -> None:
        resource.setrlimit(resource.RLIMIT_NPROC, (3, 3))

    # It, one child, and somebody else: no room for the other child.
    with (
        subprocess.Popen([*prefix, "sleep", "60"]) as other,
        Supervised(folder, rules, prefix=prefix, before=three_at_most) as run,
    ):
        told = run.said("start-later", child="two")
        assert (told["level"], told["reason"]) == ("warning", "Resource temporarily unavailable")
        until(lambda: run.path("one").exists(), "the other child is ready")
        until(lambda: run.path("one").read_text().startswith("ready"), "the other child is ready")
        run.send(signal.SIGUSR1)
        until(lambda: names(run.path("one")) == ["USR1"], "the other child is served")
        other.kill()
        other.wait()  # a zombie counts, too
        run.said("started", child="two")
        run.ready().send(signal.SIGTERM)
        assert run.wait() == 0


def test_a_shell_that_stays_as_the_leader_is_named(tmp_path: Path) -> None:
    with Supervised(tmp_path, "", "sh", "-c", "sleep 60 | sleep 60") as run:
        started = run.said("started")["pid"]
        until(lambda: len(children(started)) == 2, "both sides of the pipe run")
        run.send(signal.SIGTERM)
        assert run.wait() == 143
        told = run.said("left")
        assert (told["level"], told["child"], told["number"]) == ("warning", "sh", 2)


def test_with_scope_tree_the_shell_is_no_matter(tmp_path: Path) -> None:
    with Supervised(
        tmp_path, '[on]\nstop = { send = "TERM 60s KILL", scope = "tree" }', "sh", "-c", "sleep 60 | sleep 60"
    ) as run:
        started = run.said("started")["pid"]
        until(lambda: len(children(started)) == 2, "both sides of the pipe run")
        began = time.monotonic()
        run.send(signal.SIGTERM)
        assert run.wait() == 143
        assert time.monotonic() - began < 30
        assert not {"left", "drain"} & set(run.events())


def test_it_writes_nothing_unasked(tmp_path: Path) -> None:
    """A root that is read-only as a whole, /tmp and /run included; a user without a name, with hardly a capability."""
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to be nobody")
    script = (
        "mount --rbind / /mnt && mount -o remount,bind,ro /mnt && mount -t proc none /mnt/proc && cd / && "
        "exec chroot /mnt setpriv --reuid=54321 --regid=54321 --clear-groups --bounding-set=-all,+dac_read_search "
        '--inh-caps=+dac_read_search --ambient-caps=+dac_read_search "$@"'
    )
    server = "trap 'exit 4' TERM; touch /tmp/x 2>/dev/null && exit 9; echo ready; while :; do sleep 0.1; done"
    command = ["unshare", "--mount", "sh", "-c", script, "sh", *SIGROUTE, "--", "sh", "-c", server]
    with Container(tmp_path, command, environment={"PYTHONPATH": str(Path.cwd())}) as container:
        container.said("ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 4


def test_without_any_standard_descriptor(tmp_path: Path) -> None:
    """fd 0 to 2 closed: what is opened then gets their numbers, and must not be taken for them."""
    out = tmp_path / "out"
    server = f"trap 'exit 4' TERM; echo ready > {out}; while :; do sleep 0.1; done"
    close = 'exec 0<&- 1>&- 2>&-; exec "$@"'
    process = subprocess.Popen(["sh", "-c", close, "sh", *SIGROUTE, "--", "sh", "-c", server])
    until(lambda: out.exists() and out.read_text() == "ready\n", "the child runs")
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(60) == 4
