"""A task lives until its output is passed on, whoever reads it: relays, and exits that are withheld."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container, children
from tests.real.tasks import FATAL, WAITS, command, names
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.usefixtures("form")
def test_a_relay_that_is_killed_is_replaced_while_its_task_lives(tmp_path: Path) -> None:
    with Container(tmp_path, command(tmp_path, WAITS + "echo after; exit 4", f'cwd = "{tmp_path}"')) as container:
        container.said("begun\n")
        relay = min(children(container.pid))
        os.kill(relay, signal.SIGTERM)  # what stops the task does not reach it
        os.kill(relay, signal.SIGKILL)
        container.said("a helper that passes output on")
        (tmp_path / "go").touch()
        assert container.wait() == 4
    assert "has ended, status 137\n" in container.log()
    assert FATAL + "begun\\nafter\n" in container.log()


@pytest.mark.usefixtures("form")
def test_a_relay_that_is_killed_again_and_again_is_given_up(tmp_path: Path) -> None:
    script = "echo begun; while echo still; do sleep 0.05; done; exit 4"
    with Container(tmp_path, command(tmp_path, script, f'cwd = "{tmp_path}"')) as container:
        container.said("begun\n")
        task = max(children(container.pid))

        def ends() -> bool:
            for pid in set(children(container.pid)) - {task}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return task not in children(container.pid)

        until(ends, "the task gets PIPE")
        assert container.wait() == 128 + signal.SIGPIPE
    assert container.log().count("a helper that passes output on") == 10


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("count", [20_000, 40_000])  # once it fits into the pipes, and once the task itself waits
def test_a_task_is_over_when_its_output_is_out(tmp_path: Path, count: int) -> None:
    """However slow its reader is, those that need it come later, and nothing is lost."""
    (tmp_path / "rules.toml").write_text(f"""
[task.fills]
command = ["seq", "{count}"]
[child.web]
command = ["sh", "-c", "echo web; exit 5"]
needs   = "fills"
""")
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *SIGROUTE]
    with subprocess.Popen([*words, "--rules", str(tmp_path / "rules.toml")], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            time.sleep(1.5)  # more than what a stop has, and less than PATIENCE
            assert process.stdout.read() == b"".join(b"%d\n" % number for number in range(1, count + 1)) + b"web\n"
            assert process.wait(30) == 5
        finally:
            process.kill()


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("grace", ["", 'grace = "300ms"'])
def test_a_stop_waits_a_second_for_a_reader_and_no_longer_than_grace(tmp_path: Path, grace: str) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(f"""
{grace}
[task.fills]
command = ["sh", "-c", "seq 20000; exit 3"]
[child.web]
command = ["sleep", "1000"]
""")
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *SIGROUTE, "--rules", str(rules)]
    log = tmp_path / "log"
    with log.open("wb") as err, subprocess.Popen(words, stdout=subprocess.PIPE, stderr=err) as process:
        try:  # nobody reads
            until(lambda: "fills (pid" in log.read_text(), "the task has started")
            (pid,) = children(process.pid)
            until(lambda: not {"sh", "seq"} & names(pid), "the task has ended")
            os.kill(pid, signal.SIGTERM)
            began = time.monotonic()
            assert process.wait(30) == 143
            took = time.monotonic() - began
            assert took > (0.2 if grace else 0.9)
            assert took < 9  # it would take 10 s without the stop
        finally:
            process.kill()


@contextmanager
def unread(folder: Path, rules: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run sigroute with an output that nobody reads; return it, and the file of its log."""
    (folder / "rules.toml").write_text(rules)
    log = folder / "log"
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", "env", f"--chdir={folder}", *SIGROUTE]
    with log.open("wb") as err:
        process = subprocess.Popen([*words, "--rules", "rules.toml"], stdout=subprocess.PIPE, stderr=err)
    with process:
        try:
            yield process, log
        finally:
            process.kill()


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("rules", "code", "told"),
    [
        ('grace = "30s"', 143, "took the longest, "),  # by TERM itself
        ('grace = "1s"', 143, "grace is over"),
    ],
)
def test_a_task_that_a_stop_ends_is_over_soon(tmp_path: Path, rules: str, code: int, told: str) -> None:
    """Its output is unread, and the signal comes before its exit."""
    trap = "trap '' TERM; " if "1s" in rules else ""
    rules = f"""
{rules}
[task.fills]
command = ["sh", "-c", "{trap}seq 20000; touch filled; exec sleep 1000"]
[child.web]
command = ["sleep", "1000"]
"""
    with unread(tmp_path, rules) as (process, log):
        until((tmp_path / "filled").exists, "it has written all")
        (pid,) = children(process.pid)
        os.kill(pid, signal.SIGTERM)
        began = time.monotonic()
        assert process.wait(30) == code
        assert time.monotonic() - began < 8  # without the signal: 10 s
        assert told in log.read_text()
        assert "outlive KILL" not in log.read_text()


@pytest.mark.usefixtures("form")
def test_a_timeout_counts_until_the_output_is_out(tmp_path: Path) -> None:
    rules = """
[task.fills]
command = ["seq", "20000"]
timeout = "1s"
[child.web]
command = ["sleep", "1000"]
"""
    with unread(tmp_path, rules) as (process, log):
        assert process.wait(8) == 1
        assert "fills is out of time" in log.read_text()
        assert "stop: fills has failed with 1, so" in log.read_text()  # although its process has ended with 0


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize("extra", ["", 'only-if = "!NO_SUCH_VARIABLE"'])
def test_no_process_that_sigroute_starts_has_the_pid_of_a_withheld_task(tmp_path: Path, extra: str) -> None:
    turns = "p=; until p=$(cat pid) && [ $p ] && ! [ -e /proc/$p ]; do sleep 0.01; done"
    rules = f"""
[exit]
when = "web"
[task.fills]
command = ["sh", "-c", "echo $$ > pid; seq 20000; exit 0"]
[task.turns]
command  = ["sh", "-c", "{turns}; echo $((p-1)) > /proc/sys/kernel/ns_last_pid"]
optional = true
[child.web]
command = ["sh", "-c", "echo $$ > web; exit 5"]
needs   = "turns"
restart = {{ attempts = 2, wait = "1s" }}
{extra}
"""
    with unread(tmp_path, rules) as (process, log):
        assert process.wait(30) == 5
        assert "cannot start web now" in log.read_text(), "its first pid was to be that of the task"
        assert (tmp_path / "web").read_text() != (tmp_path / "pid").read_text()


@pytest.mark.usefixtures("form")
def test_an_earlier_life_of_a_task_can_still_write(tmp_path: Path) -> None:
    later = "(while ! [ -e go ]; do sleep 0.05; done; echo later) &"
    rules = f"""
[task.runs]
command  = ["sh", "-c", "[ -e ran ] || {{ touch ran; seq 20000; {later} }}; exit 0"]
every    = "100ms"
optional = false
[child.web]
command = ["sleep", "1000"]
"""
    with unread(tmp_path, rules) as (process, log):
        until(lambda: log.read_text().count("runs is done") > 1, "the first life was told late, and others follow")
        assert process.stdout is not None
        written = b""
        while b"\n20000\n" not in written:
            written += os.read(process.stdout.fileno(), 65536)
        (tmp_path / "go").touch()
        while b"later\n" not in written:
            written += os.read(process.stdout.fileno(), 65536)


@pytest.mark.usefixtures("form")
def test_what_a_task_leaves_behind_can_still_write_and_is_drained(tmp_path: Path) -> None:
    script = "(trap 'echo the drain; exit 0' TERM; echo below; while :; do sleep 0.05; done) & exit 0"
    with Container(tmp_path, command(tmp_path, script)) as container:
        container.said("web (pid")
        container.said("below\n")
        container.send(signal.SIGTERM)
        assert container.wait() == 143
    assert "the drain\n" in container.log()
    assert "stop: processes left behind: " in container.log()


@pytest.mark.usefixtures("form")
def test_the_start_of_a_task_that_fails_late_is_told_with_its_reason(tmp_path: Path) -> None:
    """While another start takes long, sigroute waits for none, and to read the file takes the task some time."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "env").write_text("".join(f"V{number}=\n" for number in range(30_000)))
    (tmp_path / "rules.toml").write_text(f"""
[child.slow]
command = ["sleep", "1000"]
output  = "{tmp_path}/fifo"
[task.migrate]
command = ["no-such-program"]
env-file = "{tmp_path}/env"
restart = {{ attempts = 3 }}
""")
    with Container(tmp_path, [*SIGROUTE, "--rules", str(tmp_path / "rules.toml")]) as container:
        assert container.wait() == 127
    assert "cannot start migrate: 'no-such-program' was not found in PATH" in container.log()
    assert container.log().count("started as no-such-program") == 1
    assert FATAL + "none\n" in container.log()
