"""Which signals a process would survive: of processes that are really there, and that are really signalled."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel import dispositions, proc
from sigroute.pid1.kernel.dispositions import handled
from tests.real.programs import OF_LIBC
from tests.real.require import need
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

HUP, USR1, TERM = 1 << signal.SIGHUP - 1, 1 << signal.SIGUSR1 - 1, 1 << signal.SIGTERM - 1

BEGIN = """
import ctypes, signal, threading, time
from signal import SIG_BLOCK, SIG_IGN, SIG_SETMASK, SIGHUP, SIGTERM, SIGUSR1, pthread_sigmask, sigwait
def thread(target, *arguments):
    threading.Thread(target=target, args=arguments, daemon=True).start()
def blocks(*signals):
    pthread_sigmask(SIG_BLOCK, signals)
    thread_is_there()
def thread_is_there():
    print(flush=True)
    time.sleep(600)
def waits(*signals):
    print(flush=True)
    sigwait(signals)
"""
MANY = "for _ in range(3): thread(thread_is_there)\n"

#: By what a program does: its code, how many lines tell that it is ready, and which of HUP and USR1 do not end it.
PROGRAMS = {
    "catches": ("signal.signal(SIGHUP, print); thread_is_there()", 1, HUP),
    "ignores": ("signal.signal(SIGHUP, SIG_IGN); thread_is_there()", 1, HUP),
    "blocks": ("blocks(SIGHUP)", 1, HUP),
    "waits": ("blocks = pthread_sigmask(SIG_BLOCK, [SIGHUP]); waits(SIGHUP)", 1, HUP),
    "a thread of it waits": (f"pthread_sigmask(SIG_BLOCK, [SIGHUP]); thread(waits, SIGHUP)\n{MANY}blocks()", 5, HUP),
    "it waits for its threads": (f"pthread_sigmask(SIG_BLOCK, [SIGHUP])\n{MANY}waits(SIGHUP)", 4, HUP),
    "one thread alone blocks, as in Node": (f"thread(blocks, SIGHUP, SIGUSR1)\n{MANY}thread_is_there()", 5, 0),
    "one thread alone does not block": (
        f"thread(thread_is_there); pthread_sigmask(SIG_BLOCK, [SIGHUP])\n{MANY}blocks()", 5, 0,
    ),
    "its first thread has ended": (
        (
            "pthread_sigmask(SIG_BLOCK, [SIGHUP]); thread(lambda: (time.sleep(0.5), blocks()))\n"
            "pthread_sigmask(SIG_SETMASK, []); time.sleep(0.1); ctypes.CDLL(None).syscall(EXIT, 0)"
        ),
        1,
        HUP,
    ),
    "its first thread has ended, and another waits": (
        (
            "pthread_sigmask(SIG_BLOCK, [SIGHUP]); thread(lambda: (time.sleep(0.5), waits(SIGHUP)))\n"
            "time.sleep(0.1); ctypes.CDLL(None).syscall(EXIT, 0)"
        ),
        1,
        HUP,
    ),
    "nothing": ("thread_is_there()", 1, 0),
}  # fmt: skip


@contextmanager
def running(command: Sequence[str], lines: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(lines):
            process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()  # a test that fails waits for nobody


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_said_to_end_a_process_does_and_nothing_else(name: str) -> None:
    code, lines, expected = PROGRAMS[name]
    number = {"x86_64": "60"}.get(os.uname().machine, "93")
    command = [sys.executable, "-ISc", BEGIN + code.replace("EXIT", number)]
    with running(command, lines) as process:
        # The line comes before the call that it tells of.
        until(lambda: (handled(process.pid)[0] or 0) & (HUP | USR1) == expected, f"{expected} is what it handles")
        process.send_signal(signal.SIGHUP)
        if expected:
            process.kill()
        assert process.wait() in ((-signal.SIGKILL, 0) if expected else (-signal.SIGHUP,))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the program is one for i386")
@pytest.mark.parametrize("number", [177, 421])
def test_a_32_bit_program_waits_by_a_call_of_another_number(tmp_path: Path, number: int) -> None:
    """rt_sigtimedwait and rt_sigtimedwait_time64 (asm/unistd_32.h); which of them depends on its C library."""
    need(shutil.which("cc"), "a C compiler")
    program = tmp_path / "waits32"
    source = Path(__file__).with_name("waits32.c")
    options = ["-m32", "-static", "-nostdlib", "-ffreestanding", "-fno-pie", "-no-pie", "-fno-stack-protector"]
    build = ["cc", "-Wall", "-Wextra", "-Werror", *options, f"-DWAIT={number}", "-o", str(program), str(source)]
    subprocess.run(build, check=True)
    with running([str(program)], 0) as process:
        until(lambda: (handled(process.pid)[0] or 0) & (HUP | USR1) == HUP, "it waits for HUP alone")
        process.send_signal(signal.SIGHUP)
        assert process.wait() == 0


def test_what_is_ignored_is_told_apart() -> None:
    code = "signal.signal(SIGHUP, SIG_IGN); signal.signal(SIGTERM, print); thread_is_there()"
    with running([sys.executable, "-ISc", BEGIN + code], 1) as process:
        survived, ignored = handled(process.pid)
    assert survived is not None
    assert survived & (HUP | TERM) == HUP | TERM
    assert ignored & (HUP | TERM) == HUP


def test_all_that_python_itself_handles_is_found() -> None:
    with running([sys.executable, "-ISc", BEGIN + "thread_is_there()"], 1) as process:
        survived = handled(process.pid)[0]
    own = {signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ}
    assert survived is not None
    assert survived & ~OF_LIBC == sum(1 << number - 1 for number in own)


def test_one_that_deals_with_a_signal_at_one_look_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A storm of signals has it begin to wait and end, between what is read of its mask and what of its call."""
    looks = dispositions.awaited_by
    elsewhere = [0, 0]
    monkeypatch.setattr(
        dispositions, "awaited_by", lambda task, call: elsewhere.pop() if elsewhere else looks(task, call)
    )
    code, lines, _ = PROGRAMS["waits"]
    with running([sys.executable, "-ISc", BEGIN + code], lines) as process:
        call = f"/proc/{process.pid}/syscall"
        until(lambda: (proc.read(call) or b"-").split()[0] in dispositions.SIGTIMEDWAIT, "it waits")
        assert (handled(process.pid)[0] or 0) & HUP
        process.kill()


@pytest.mark.parametrize("inner", ["tini -s --", "catatonit --", "dumb-init --", "s6-svscan"])
def test_an_init_below_is_not_kept_from_its_signals(inner: str, tmp_path: object) -> None:
    words = inner.split(" ")
    need(shutil.which(words[0]), words[0])
    command = [*words, *(["sleep", "600"] if "--" in words else [str(tmp_path)])]
    with running(command, 0) as process:
        until(lambda: (handled(process.pid)[0] or 0) & HUP, "it handles HUP")


def test_whose_memory_is_closed_may_have_one_thread_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another user's process, without CAP_SYS_PTRACE: Docker's default, and gosu."""
    monkeypatch.setattr(dispositions, "awaited_by", lambda _task, _call: None)
    for name, expected in (
        ("it waits for its threads", HUP),
        ("one thread alone blocks, as in Node", 0),
        ("nothing", 0),
    ):
        code, lines, _ = PROGRAMS[name]
        with running([sys.executable, "-ISc", BEGIN + code], lines) as process:
            until(lambda: (handled(process.pid)[0] or 0) & HUP == expected, name)  # noqa: B023 - done before the next


@pytest.mark.parametrize("text", [b"Name:\tsleep\nState:\tS\nThreads:\t1\n", b"", None])
def test_a_proc_that_does_not_tell_which_is_no_error(monkeypatch: pytest.MonkeyPatch, text: bytes | None) -> None:
    """As gVisor's: the file is there, SigIgn and SigCgt are not."""
    monkeypatch.setattr(proc, "read", lambda _path: text)
    assert handled(os.getpid()) == (None, 0)


def test_a_thread_that_cannot_be_read_leaves_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    read = proc.read
    code = f"pthread_sigmask(SIG_BLOCK, [SIGHUP])\n{MANY}blocks()"
    with running([sys.executable, "-ISc", BEGIN + code], 4) as process:
        lost = f"/proc/{process.pid}/task/{process.pid}/"
        monkeypatch.setattr(proc, "read", lambda path: None if path.startswith(lost) else read(path))
        assert (handled(process.pid)[0] or 0) & HUP
        monkeypatch.setattr(proc, "read", lambda path: None if "/task/" in path else read(path))
        assert not (handled(process.pid)[0] or 0) & HUP


def test_one_that_has_ended_handles_nothing() -> None:
    with running(["sleep", "600"], 0) as process:
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert (handled(process.pid)[0] or 0) & ~OF_LIBC == 0
        process.wait()
        assert handled(process.pid) == (None, 0)
