"""A task that fails ends the container, and the log line for that has its last lines: in every form, as PID 1."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, children
from tests.real.traffic import until

FATAL = "so the container ends; its last lines: "

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Says that it runs, and waits until a file is there.
WAITS = "echo begun; while ! [ -e go ]; do sleep 0.02; done; "


def names(pid: int) -> set[str]:
    """Return the names of PID 1's children."""
    return {Path(f"/proc/{each}/comm").read_text().strip() for each in children(pid)}


def command(folder: Path, script: str, more: str = "", *options: str) -> list[str]:
    """Return the command of sigroute with a task, and a child that needs it."""
    (folder / "rules.toml").write_text(f"""
grace = "20s"
[task.migrate]
command = ["sh", "-c", {json.dumps(script)}]
{more}
[child.web]
command = ["sleep", "1000"]
needs   = "migrate"
""")
    return [*SIGROUTE, "--rules", str(folder / "rules.toml"), *options]


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
@pytest.mark.parametrize("more", ["", 'user = "nobody"', 'output = "tag"'])
def test_the_log_has_the_last_lines_of_both_outputs_in_their_order(tmp_path: Path, more: str) -> None:
    script = "for n in 1 2 3; do echo out $n; echo err $n >&2; done; printf 'FATAL: no \"app\"' > /dev/stderr; exit 3"
    with Container(tmp_path, command(tmp_path, script, more)) as container:
        assert container.wait() == 3
    tag = "migrate | " if "tag" in more else ""
    written = re.sub(r"20..-..-..T\S+ sigroute: .*\n", "", container.log())
    assert f'{tag}err 2\n{tag}out 3\n{tag}err 3\n{tag}FATAL: no "app"' in written
    assert FATAL + 'out 2\\nerr 2\\nout 3\\nerr 3\\nFATAL: no "app"\n' in container.log()
    assert "left behind" not in container.log()


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
def test_every_byte_comes_out_by_its_own_output_and_no_process_is_left_of_it(tmp_path: Path) -> None:
    script = "head -c 300000 /dev/urandom | tee copy; echo 'to err' >&2; printf tail"
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *command(tmp_path, script)]
    with (
        (tmp_path / "out").open("wb") as out,
        (tmp_path / "err").open("wb") as err,
        subprocess.Popen(words, stdout=out, stderr=err, cwd=tmp_path) as process,
    ):
        try:
            until(lambda: b"web (pid" in (tmp_path / "err").read_bytes(), "the task is done")
            (pid,) = children(process.pid)
            until(lambda: len(children(pid)) == 1, "the relay has ended")
            open_here = [str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()]
            assert not [each for each in open_here if "last-lines" in each or "pipe:" in each]
            os.kill(pid, signal.SIGTERM)
            assert process.wait(30) == 143
        finally:
            process.kill()
    assert (tmp_path / "out").read_bytes() == (tmp_path / "copy").read_bytes() + b"tail"
    assert b"\nto err\n" in b"\n" + (tmp_path / "err").read_bytes()


@pytest.mark.usefixtures("form")
def test_only_the_last_try_is_told_and_the_log_stays_json(tmp_path: Path) -> None:
    script = 'echo "try $(ls tries | wc -l) of \\"two\\""; mktemp -p tries >/dev/null; exit 9'
    (tmp_path / "tries").mkdir()
    more = f'cwd = "{tmp_path}"\nrestart = {{ attempts = 2, wait = "0s" }}'
    with Container(tmp_path, command(tmp_path, script, more, "--log", "json")) as container:
        assert container.wait() == 9
    lines = [json.loads(line) for line in container.log().splitlines() if line.startswith("{")]
    (fatal,) = [line for line in lines if line["event"] == "task-fatal"]
    assert fatal["text"] == 'try 1 of "two"'
    assert (fatal["child"], fatal["number"]) == ("migrate", 9)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("script", "more", "told"),
    [
        ("exit 1", "", "none"),
        ("echo lost; exit 1", 'output = "null"', "not kept (output = null)"),
        ("echo kept; exit 1", 'output = "{}/migrate.log"', "see {}/migrate.log"),
    ],
)
def test_where_there_are_none_the_log_says_where_they_are(tmp_path: Path, script: str, more: str, told: str) -> None:
    with Container(tmp_path, command(tmp_path, script, more.format(tmp_path))) as container:
        assert container.wait() == 1
    assert FATAL + told.format(tmp_path) + "\n" in container.log()


@pytest.mark.usefixtures("form")
def test_at_a_terminal_a_task_has_that(tmp_path: Path) -> None:
    script = "test -t 1 && test -t 2 && exit 5; exit 6"
    with Container(tmp_path, command(tmp_path, script), terminal=True) as container:
        assert container.wait() == 6  # the test's own output is a file
    words = ["setsid", "--ctty", "unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"]
    master, slave = os.openpty()
    try:
        process = subprocess.Popen(
            [*words, *command(tmp_path, script)], stdin=slave, stdout=slave, stderr=slave, cwd=tmp_path
        )
        assert process.wait(30) == 5
        said = os.read(master, 65536).decode()
    finally:
        os.close(master)
        os.close(slave)
    assert FATAL + "see above" in said


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
def test_the_next_relay_goes_on_with_the_last_lines(tmp_path: Path) -> None:
    script = "for n in $(seq 30); do echo before $n; done; " + WAITS + "echo x; exit 4"
    with Container(tmp_path, command(tmp_path, script, f'cwd = "{tmp_path}"')) as container:
        container.said("begun\n")
        os.kill(min(children(container.pid)), signal.SIGKILL)
        container.said("a helper that passes output on")
        (tmp_path / "go").touch()
        assert container.wait() == 4
    assert FATAL + "before 28\\nbefore 29\\nbefore 30\\nbegun\\nx\n" in container.log()


@pytest.mark.usefixtures("form")
def test_a_relay_that_is_killed_again_and_again_is_given_up(tmp_path: Path) -> None:
    script = "echo begun; while echo still; do sleep 0.05; done; exit 4"
    with Container(tmp_path, command(tmp_path, script, f'cwd = "{tmp_path}"')) as container:
        container.said("begun\n")
        task = max(children(container.pid))
        while task in children(container.pid):
            for pid in set(children(container.pid)) - {task}:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
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
def test_no_process_that_sigroute_starts_has_the_pid_of_a_withheld_task(tmp_path: Path) -> None:
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
def test_a_reader_that_hangs_holds_up_no_stop(tmp_path: Path) -> None:
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--"]
    script = "head -c 80000 /dev/zero; exit 8"
    with subprocess.Popen(
        [*words, *command(tmp_path, script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:  # nobody reads: the pipe to the relay has room for 64 KiB, and the one of the test, too (pipe(7))
            assert process.wait(30) == 8
            assert process.stderr is not None
            assert FATAL.encode() in process.stderr.read()
        finally:
            process.kill()
