"""One life of sigroute as PID 1 in which the kernel refuses a call: strace(1) stands outside, and says no for it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.shebang import PROGRAM
from tests.compiled import compiled
from tests.real.container import SIGROUTE, Container, children, state
from tests.real.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

HERE = Path(__file__).parent

RULES = """
[on]
stop = { send = "TERM 3s KILL", scope = "tree" }
USR1 = "USR2"
"""

#: Seconds that each step may take.
PATIENCE = 60

#: A line of strace's, of PID 1: which call.
CALL = re.compile(rb"^(?:\d+ +)?(\w+)\(")

#: By form: the first call of our own instructions. All signals are blocked; what reads rules does so before it is the
#: resident, and starts nothing.
FIRST = {
    "compiled": b"rt_sigprocmask(SIG_BLOCK, ~[",
    "rules": b"rt_sigprocmask(SIG_SETMASK, ~[",
    "static": b"rt_sigprocmask(SIG_BLOCK, ~[",
}


@dataclass
class Life:
    """What became of it."""

    code: int | None = None
    """The exit code; None: it did not end."""
    got: list[str] = field(default_factory=list)
    """What the child wrote down."""
    zombies: bool = False
    """The orphan was not reaped."""
    output: str = ""
    early: bool = False
    """It was refused before the first of our own instructions: Python does not always start by the same calls."""

    def faults(self, lost: Collection[str] = ()) -> list[str]:
        """Return what is wrong with it.

        :param lost: the lines that the child may miss, or have for that.
        """
        found = []
        if "Traceback" in self.output:
            found.append("a traceback")
        if not self.got and self.code not in (None, 0):
            return found  # nothing was started, and it has ended: somebody will look
        if "READY" not in self.got:
            found.append("the child was not started")
        found += [f"no {each}" for each in ("USR2", "TERM", "worker TERM") if each not in {*self.got, *lost}]
        if "alone" in self.got and "alone" not in lost:
            found.append("the stop missed the worker")
        if self.zombies:
            found.append("a zombie")
        if self.code != 7:
            found.append(f"exit code {self.code}")
        return found


class Scene:
    """The programs, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.traces: dict[str, tuple[list[bytes], list[bytes]]] = {}
        self.child = folder / "child"
        build = ["cc", "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", str(self.child), str(HERE / "child.c")]
        subprocess.run(build, check=True)
        rules = folder / "own.toml"
        rules.write_text(RULES)
        self.commands = {
            "compiled": [sys.executable, "-ISBc", PROGRAM, str(compiled(folder, RULES))],
            "rules": [*SIGROUTE, "--rules", str(rules)],
            "static": [str(compiled(folder, RULES, name="one-file", form="static"))],
        }

    def live(self, form: str, folder: Path, *options: str) -> Life:
        """Let it live under strace with these options.

        It waits at a gate until strace is there. The shell has opened the gate before strace comes: else strace could
        refuse that open, and whoever opens the other side would wait for ever.
        """
        folder.mkdir(exist_ok=True)
        record, trace = (folder / name for name in ("record", "trace"))
        for path in (record, trace):
            path.unlink(missing_ok=True)
        gate = Gate(folder)
        command = [*gate.words, *self.commands[form], "--", str(self.child), str(record)]
        life = Life()
        with gate, Container(folder, command) as container:
            assert until(lambda: is_at(gate.path, container.pid), container.process), (
                "the shell did not come to its gate"
            )
            tracer = subprocess.Popen(
                ["strace", "-q", "-o", str(trace), *options, "-p", str(container.pid)],
                stderr=subprocess.DEVNULL,
            )
            try:
                assert until(lambda: traced(container.pid), tracer), "strace did not come"
                gate.let_go()
                self.play(life, container, record)
            finally:
                tracer.terminate()
                tracer.wait(PATIENCE)
            life.output = container.log()
        before, _ = parted(form, trace.read_bytes().splitlines())
        life.early = any(b"(INJECTED)" in line for line in before)
        return life

    def play(self, life: Life, container: Container, record: Path) -> None:
        """Send it what it is to route, and wait for what comes of it."""

        def has(line: str) -> bool:
            life.got = record.read_text().splitlines() if record.exists() else []
            return line in life.got

        if until(lambda: has("READY"), container.process):
            life.zombies = not until(lambda: not zombies(container.pid), container.process)
            container.send(signal.SIGUSR1)
            if until(lambda: has("USR2"), container.process):
                container.send(signal.SIGTERM)
        if until(lambda: container.process.poll() is not None):
            life.code = container.process.returncode
        has("")

    def trace(self, form: str) -> list[bytes]:
        """Return the calls of a life in which none is refused, from our first on, as strace has them."""
        return self._whole(form)[1]

    def calls(self, form: str) -> dict[str, tuple[int, int]]:
        """Return by call: how often it is made before the first of our own instructions, and from that on."""
        before, after = (Counter(named(lines)) for lines in self._whole(form))
        return {name: (before[name], after[name]) for name in after}

    def _whole(self, form: str) -> tuple[list[bytes], list[bytes]]:
        if form not in self.traces:
            folder = self.folder / form
            life = self.live(form, folder)
            assert not life.faults(), life
            self.traces[form] = parted(form, (folder / "trace").read_bytes().splitlines())
        return self.traces[form]


def parted(form: str, lines: list[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Return the calls before the first of our own instructions, and from that on."""
    ours = max((number for number, line in enumerate(lines) if line.startswith(b"execve(")), default=0)
    begins = (number for number, line in enumerate(lines) if number > ours and line.startswith(FIRST[form]))
    begin = next(begins, len(lines))
    return lines[:begin], lines[begin:]


def named(lines: Sequence[bytes]) -> Iterator[str]:
    """Yield which call each line is of."""
    for line in lines:
        found = CALL.match(line)
        if found:
            yield found[1].decode()


def is_at(gate: Path, pid: int) -> bool:
    """Tell whether a process reads from this FIFO, and waits."""
    try:
        return gate.samefile(f"/proc/{pid}/fd/0") and state(pid) == "S"
    except OSError:
        return False


def traced(pid: int) -> bool:
    """Tell whether somebody traces a process."""
    return "TracerPid:\t0" not in Path(f"/proc/{pid}/status").read_text()


def zombies(pid: int) -> list[int]:
    """Return the children of a process that have ended and were not reaped."""
    return [each for each in children(pid) if state(each) == "Z"]


def until(happened: Callable[[], object], process: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait for something as long as this process lives; tell whether it happened."""
    end = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > end or (process is not None and process.poll() is not None):
            return bool(happened())
        time.sleep(0.005)
    return True
