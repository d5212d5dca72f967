"""Tagged output, in every form of sigroute as PID 1: whole lines, a flood, a helper that is killed, the last lines."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, children
from tests.real.traffic import until

RULES = """
output = "tag"
grace  = "20s"

[exit]
when = "all"

[child.web]
command = ["sh", "-c", "{web}"]
{more}

[child.db]
command = ["sh", "-c", "{db}"]
"""

#: Stays until TERM, and then has a last line without an end.
STAYS = "trap 'printf last; exit 0' TERM; echo up; while :; do sleep 0.05; done"


def command(folder: Path, web: str, db: str = STAYS, more: str = "") -> list[str]:
    """Return the command of sigroute with two children."""
    rules = folder / "rules.toml"
    rules.write_text(RULES.format(web=web, db=db, more=more))
    return [*SIGROUTE, "--rules", str(rules)]


def helper(container: Container) -> int:
    """Return the pid of the helper: it has no program of its own, and so PID 1's command line."""
    return min(children(container.pid))


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
def test_lines_have_names_and_the_last_ones_come_out(tmp_path: Path) -> None:
    web = "echo to out; echo to err >&2; printf 'with'; sleep 0.2; printf 'out end'; exit 0"
    with Container(tmp_path, command(tmp_path, web, more='user = "nobody"')) as container:
        container.said("db | up\n")
        container.said(" exited with 0")
        container.send(signal.SIGTERM)
        assert container.wait() == 0
    lines = container.log().splitlines()
    assert {"web | to out", "web | to err", "web | without end", "db | last"} <= {*lines}
    assert all(re.match(r"(web|db) \| |20..-..-..T", line) for line in lines)
    assert "left behind" not in container.log()  # the helper is nothing that the children left behind


@pytest.mark.usefixtures("form")
def test_a_child_that_starts_again_begins_a_new_line(tmp_path: Path) -> None:
    web = "echo again > /dev/stdout; printf cut"  # opened anew by another user
    more = 'user = "nobody"\nrestart = { attempts = 3, unless = [], wait = "0s" }'
    with Container(tmp_path, command(tmp_path, web, more=more)) as container:
        container.said("web is not started again, as its attempts are used up")
        until(lambda: container.log().count("web | again\n") == 3, "the helper has read all that it has written")
        assert container.log().count("web | cut\n") == 2  # the third line has no end yet
        container.said("db | up\n")
        container.send(signal.SIGTERM)
        container.wait()
    assert container.log().count("web | cut\n") == 3


@pytest.mark.usefixtures("form")
def test_a_helper_that_is_killed_is_replaced(tmp_path: Path) -> None:
    web = "trap 'exit 0' TERM; while :; do n=$((n+1)); echo line $n; sleep 0.02; done"
    with Container(tmp_path, command(tmp_path, web, more="ready = { fd = 7 }")) as container:
        container.said("web | line 3\n")
        first, before = helper(container), set(children(container.pid))
        os.kill(first, signal.SIGTERM)  # signals for the children do not reach it
        os.kill(first, signal.SIGKILL)
        container.said("has ended, status 137")
        until(lambda: first not in children(container.pid), "it was reaped")
        seen = len(container.log())
        until(lambda: "web | line" in container.log()[seen:], "another one writes")
        # The standard ones, both pipes of two children, and the one that tells of the end; none for web's descriptor 7.
        (second,) = set(children(container.pid)) - before
        assert len(list(Path(f"/proc/{second}/fd").iterdir())) == 3 + 4 + 1
        container.send(signal.SIGTERM)
        assert container.wait() == 0
    numbers = [int(number) for number in re.findall(r"web \| line (\d+)\n", container.log())]
    missing = {*range(1, numbers[-1] + 1)} - {*numbers}
    assert len(missing) <= 1, missing  # what it had read and not written
    assert numbers == sorted(numbers)
    assert "db | last\n" in container.log()


@pytest.mark.usefixtures("form")
def test_a_helper_that_hangs_holds_up_no_end(tmp_path: Path) -> None:
    with Container(tmp_path, command(tmp_path, "exit 0")) as container:
        container.said("db | up\n")
        os.kill(helper(container), signal.SIGSTOP)
        container.send(signal.SIGTERM)
        assert container.wait() == 0  # within grace, 20 s, as each wait for the helper has its own end
    assert "stop: it took " in container.log()


@pytest.mark.usefixtures("form")
def test_what_a_child_leaves_behind_is_drained_and_the_helper_is_not(tmp_path: Path) -> None:
    web = "(trap 'echo the drain >&2; exit 0' TERM; echo below; while :; do sleep 0.05; done) & exit 0"
    with Container(tmp_path, command(tmp_path, web)) as container:
        container.said("web | below\n")
        container.send(signal.SIGTERM)
        began = time.monotonic()
        assert container.wait() == 0
        assert time.monotonic() - began < 4  # sigroute sees at once that only the helper is left, and waits no 5 s
    assert "stop: processes left behind: " in container.log()
    assert "web | the drain\n" in container.log()


@pytest.mark.usefixtures("form")
def test_a_flood_keeps_nobody_waiting_and_a_lost_reader_no_stop(tmp_path: Path) -> None:
    web = "trap 'exit 0' TERM; yes 0123456789 & while :; do sleep 0.05; done"
    db = "trap 'exit 0' TERM; while :; do n=$((n+1)); echo calm $n; sleep 0.01; done"
    words = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", *command(tmp_path, web, db)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            calm = flood = 0
            rest = b""
            while calm < 20 or flood < 200_000:
                *lines, rest = (rest + os.read(process.stdout.fileno(), 16384)).split(b"\n")
                time.sleep(0.0005)  # slower than the flood
                flood += lines.count(b"web | 0123456789")
                calm += sum(line.startswith(b"db | calm ") for line in lines)
                assert all(re.fullmatch(rb"web \| 0123456789|db \| calm \d+", line) for line in lines), lines
            (pid,) = children(process.pid)
            os.kill(pid, signal.SIGTERM)  # from here on nobody reads
            assert process.wait(30) == 0
        finally:
            process.kill()
