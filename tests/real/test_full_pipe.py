"""Standard error that nobody reads, a full disk, a closed one: signals go on, and so does reaping."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, children
from tests.real.require import need
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

#: Answers each USR1 with a byte; at USR2 leaves 50 orphans; ends at TERM.
ANSWERS = """
import os, signal
def orphans():
    for _ in range(50):
        if not os.fork():
            if not os.fork(): os._exit(0)
            os._exit(0)
        os.wait()
numbers = {signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM}
for number in numbers: signal.signal(number, lambda *_: None)
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
os.write(1, b"r")
while True:
    number = signal.sigwaitinfo(numbers).si_signo
    if number == signal.SIGTERM: os._exit(4)
    if number == signal.SIGUSR2: orphans()
    os.write(1, b"a")
"""


def fill(writer: int) -> None:
    """Fill a pipe through a description of its own: O_NONBLOCK is one's own then (open(2))."""
    other = os.open(f"/proc/self/fd/{writer}", os.O_WRONLY | os.O_NONBLOCK)
    try:
        while True:
            os.write(other, b"x" * 4096)
    except BlockingIOError:
        pass
    finally:
        os.close(other)


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe that is full."""
    reader, writer = os.pipe()
    fill(writer)
    yield reader, writer
    os.close(reader)
    os.close(writer)


def answer(process: subprocess.Popen[bytes]) -> bytes:
    """Wait for the child's next answer."""
    assert process.stdout is not None
    assert select.select([process.stdout], [], [], PATIENCE)[0], "no answer"
    return os.read(process.stdout.fileno(), 1)


def seconds(process: subprocess.Popen[bytes]) -> float:
    """Return how long it takes until the child has answered a signal."""
    sent = time.perf_counter()
    os.kill(process.pid, signal.SIGUSR1)
    assert answer(process) == b"a"
    return time.perf_counter() - sent


def start(stderr: int, *options: str, prefix: Sequence[str] = ()) -> subprocess.Popen[bytes]:
    """Start sigroute with the child that answers, and wait until that is ready."""
    command = [*prefix, *SIGROUTE, *options, "--", sys.executable, "-I", "-c", ANSWERS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr)
    assert answer(process) == b"r"
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it; it has kept its child's code."""
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(PATIENCE) == 4
    assert process.stdout is not None
    process.stdout.close()


@pytest.mark.forms("sigroute", "whole")
@pytest.mark.parametrize("words", [["--bogus"], ["--on", "HUP=QIUT", "--", "sleep", "9"], []])
def test_a_stop_ends_what_can_not_tell_why_nothing_is_started(pipe: tuple[int, int], words: list[str]) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # from its first moment on
    try:
        process = subprocess.Popen([*SIGROUTE, *words], stderr=pipe[1])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    with process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM


def test_a_full_pipe_holds_up_no_signal_and_no_reaping(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    options = ("--log", "json", "--log-level", "debug")
    process, other = start(writer, *options), start(subprocess.DEVNULL, *options)
    took, usual = [], []
    for _ in range(100):
        took.append(seconds(process))
        usual.append(seconds(other))  # in turn, as the machine may be busy
    stop(other)

    assert statistics.median(took) < 0.010 + 2 * statistics.median(usual), f"{max(took):.4f} s the longest"
    os.kill(process.pid, signal.SIGUSR2)
    assert answer(process) == b"a"
    until(lambda: len(children(process.pid)) == 1, "the orphans are reaped")
    assert not fcntl.fcntl(writer, fcntl.F_GETFL) & os.O_NONBLOCK, "the children share this description"

    said = b""

    def goes_on() -> bool:
        nonlocal said
        while select.select([reader], [], [], 0)[0]:
            said += os.read(reader, 65536)
        return said.endswith(b"}\n")

    goes_on()  # now somebody reads
    os.kill(process.pid, signal.SIGUSR1)
    assert answer(process) == b"a"
    until(goes_on, "the log goes on")
    lines = [json.loads(line) for line in said.lstrip(b"x").splitlines()]
    assert lines[0]["event"] == "lost"
    assert lines[0]["number"] >= 70  # of the hundred signals, which are the same, ten are told, and each orphan
    stop(process)


def test_a_pipe_of_another_user(pipe: tuple[int, int]) -> None:
    """It can't be opened anew, so the way round it differs (log.py)."""
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to be another user")
    user = ["setpriv", "--reuid=54321", "--clear-groups", "--bounding-set=-all,+dac_read_search"]
    # Python itself may be where only root may look.
    process = start(pipe[1], prefix=[*user, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"])
    for _ in range(10):
        os.kill(process.pid, signal.SIGUSR1)
        assert answer(process) == b"a"
    os.set_blocking(pipe[0], False)
    with suppress(BlockingIOError):
        while os.read(pipe[0], 65536):
            pass
    os.kill(process.pid, signal.SIGUSR1)
    assert answer(process) == b"a"
    until(lambda: select.select([pipe[0]], [], [], 0)[0], "the log goes on")
    assert b" lines lost, as nobody read them: " in os.read(pipe[0], 65536).splitlines()[0]
    stop(process)


def test_a_pipe_that_is_closed_at_the_other_end_ends_nothing() -> None:
    reader, writer = os.pipe()
    process = start(writer)
    os.close(reader)
    os.close(writer)
    os.kill(process.pid, signal.SIGUSR1)
    assert answer(process) == b"a"
    stop(process)


@pytest.mark.parametrize("path", ["/dev/full", "/dev/null"])
def test_a_full_disk_ends_nothing(path: str) -> None:
    with Path(path).open("wb") as file:
        process = start(file.fileno())
    os.kill(process.pid, signal.SIGUSR1)
    assert answer(process) == b"a"
    stop(process)
