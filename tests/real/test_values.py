"""What is queued with a signal reaches the child: sent and received by a program in C, which sees all of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compiled import compiled, environment
from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("form")

TERM, USR1, REAL_TIME = 15, 10, 40
HOWS = ("PID 1", "compiled", "not PID 1")
VALUES = ("0", "1", "-1", str(2**31 - 1), str(-(2**31)))
HOLD = """
[child.server]
program = "value"
[child.server.starting]
"RTMIN+6" = "hold"
"RTMIN+7" = "hold"
"RTMIN+8" = "hold"
"""


class Run:
    """sigroute with these rules around the receiving end."""

    def __init__(self, program: Path, pid: int, told: Path) -> None:
        self.program, self.pid, self.told = program, pid, told

    def send(self, number: int, *words: str) -> None:
        """Send it a signal with each of these values."""
        subprocess.run([self.program, "send", str(self.pid), str(number), *words], check=True)

    def got(self) -> list[tuple[int, str]]:
        """Return what the child has got so far."""
        lines = self.told.read_text().splitlines()[1:]
        return [(int(number), value) for number, value in (line.split() for line in lines)]

    def gets(self, expected: list[tuple[int, str]]) -> None:
        """Wait until the child has got as much; it must be this."""
        until(lambda: len(self.got()) >= len(expected), f"{len(expected)} signals arrived")
        assert self.got() == expected


@pytest.fixture(name="program")
def _program(tmp_path: Path) -> Path:
    need(shutil.which("cc"), "a C compiler")
    program = tmp_path / "value"
    source = Path(__file__).with_name("value.c")
    subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-o", program, source], check=True)
    return program


@contextmanager
def running(how: str, program: Path, rules: str = "", before: str = "") -> Iterator[Run]:
    """Run it, as PID 1 or not; yield it as soon as the child is ready, or at once where a script comes before that."""
    folder = program.parent
    told, file = folder / "told", folder / "some.toml"
    file.write_text(rules)
    command = [str(program), "receive", str(told)]
    if before:
        command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
    if how == "not PID 1":
        with Supervised(folder, rules, *command) as run:
            yield started(Run(program, run.process.pid, told), wait=not before)
        return
    init = [*SIGROUTE, "--rules", str(file), "--log-level", "debug"]
    if how == "compiled":
        init = [str(compiled(folder, rules, "--log-level", "debug"))]
    with Container(folder, [*init, "--", *command], environment=environment()) as container:
        yield started(Run(program, container.pid, told), wait=not before)


def started(run: Run, *, wait: bool = True) -> Run:
    """Wait until the child is ready."""
    if wait:
        until(lambda: run.told.exists() and run.told.read_text().startswith("ready"), "the child is ready")
    return run


def has_ctypes(pid: int) -> bool:
    """Tell whether a process has loaded what Python calls C functions by."""
    return "_ctypes" in Path(f"/proc/{pid}/maps").read_text()


@pytest.mark.parametrize("how", HOWS)
def test_every_value_arrives(program: Path, how: str) -> None:
    expected: list[tuple[int, str]] = []
    with running(how, program) as run:
        for value in (*VALUES, "none"):
            for number in (USR1, REAL_TIME):  # one at a time, as of USR1 only one can be pending
                run.send(number, value)
                expected.append((number, value))
                run.gets(expected)
        run.send(TERM, "7")
        run.gets([*expected, (TERM, "7")])


@pytest.mark.parametrize("how", HOWS)
def test_a_hundred_arrive_in_their_order(program: Path, how: str) -> None:
    words = ["none" if number % 10 == 3 else str(number - 50) for number in range(100)]
    with running(how, program) as run:
        run.send(REAL_TIME, *words)
        run.gets([(REAL_TIME, word) for word in words])


@pytest.mark.parametrize("how", HOWS)
def test_what_is_held_keeps_its_value(program: Path, how: str) -> None:
    """By number: in the order in which the child would take what is pending at once, too."""
    go, waits = program.parent / "go", program.parent / "waits"
    with running(how, program, HOLD, before=f"touch {waits}; while ! [ -e {go} ]; do sleep 0.05; done") as run:
        until(waits.exists, "the script runs")
        run.send(REAL_TIME, "7", "8")  # hold keeps a signal once
        run.send(REAL_TIME + 1, "0")
        run.send(REAL_TIME + 2, "none")
        log = program.parent / ("log" if how == "not PID 1" else "output")
        until(lambda: log.read_text().count("RTMIN+8") >= 2, "all has arrived and is held")
        go.touch()
        started(run)
        run.gets([(REAL_TIME, "7"), (REAL_TIME + 1, "0"), (REAL_TIME + 2, "none")])


@pytest.mark.parametrize("rule", ['"RTMIN+6"', '{ send = "forward", scope = "process-group" }'])
def test_what_is_written_and_what_a_group_gets_has_no_value(program: Path, rule: str) -> None:
    with running("not PID 1", program, f'[on]\n"RTMIN+6" = {rule}\n') as run:
        run.send(REAL_TIME, "7")
        run.gets([(REAL_TIME, "none")])


@pytest.mark.parametrize("how", ["PID 1", "compiled"])
def test_pid_1_loads_what_it_sends_values_with_for_the_first_that_comes(program: Path, how: str, form: str) -> None:
    need("_ctypes" not in sys.builtin_module_names, "a Python that loads ctypes as a file, so that it can be seen")
    with running(how, program) as run:
        run.send(REAL_TIME, "none")
        run.gets([(REAL_TIME, "none")])
        assert not has_ctypes(run.pid)
        run.send(REAL_TIME, "7")
        run.gets([(REAL_TIME, "none"), (REAL_TIME, "7")])
        assert has_ctypes(run.pid) == (how == "compiled" or form == "sigroute")
