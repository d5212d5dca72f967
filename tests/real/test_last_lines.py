"""A task that fails ends the container, and the log line for that has its last lines: in every form, as PID 1."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.real.conftest import FORMS
from tests.real.container import Container, children, opened
from tests.real.tasks import FATAL, WAITS, command
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
@pytest.mark.parametrize("more", ["", 'user = "nobody"', 'output = "tag"'])
def test_the_log_has_the_last_lines_of_both_outputs_in_their_order(tmp_path: Path, more: str) -> None:
    script = "for n in 1 2 3; do echo out $n; echo err $n >&2; done; printf 'FATAL: no \"app\"' > /dev/stderr; exit 3"
    with Container(tmp_path, command(tmp_path, script, more)) as container:
        assert container.wait() == 3
    tag = "migrate | " if "tag" in more else ""
    written = re.sub(r"20..-..-..T\S+ sigroute: .*\n", "", container.log())
    assert f'{tag}err 2\n{tag}out 3\n{tag}err 3\n{tag}FATAL: no "app"\n' in written
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
            assert not [each for each in opened(pid) if "last-lines" in each or "pipe:" in each]
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
