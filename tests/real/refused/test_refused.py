"""Each call that the resident makes, refused: from the start, and once at each place.

PID 1 goes on, the child gets what the rules say, zombies are reaped, the exit code is right, and there is no traceback.
SIGROUTE_REFUSALS=all tries every place and every error; else it is a sample.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.real.refused.cell import Scene
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path

FORMS = ("compiled", "rules", "static")

ALL = os.environ.get("SIGROUTE_REFUSALS") == "all"

#: A filter says the first two (seccomp(2)), the others pass.
ERRORS = ("EPERM", "ENOSYS", "ENOMEM", "EMFILE", "EIO", "EAGAIN") if ALL else ("EPERM", "ENOMEM")
ONCE = ("EIO", "ENOMEM", "EMFILE", "EINTR", "EAGAIN") if ALL else ("EIO",)

#: One in so many places is tried.
EVERY = 1 if ALL else 5

#: What reads /proc. Refused for good, a tree is a process group, and the child's worker has left that. By fcntl(2)
#: CPython asks at its first open(2) whether O_CLOEXEC works; in a static init that is the first look at a process.
READS = {"openat", "read", "readlink", "getdents64", "newfstatat", "fcntl"}
WORKER = {"worker TERM", "alone"}

#: Without these no module of ours is loaded where they are files.
FILES = {"openat", "read", "newfstatat", "getdents64"}

#: Without kill(2) a child gets nothing, without these calls there is none, or nobody that could start one.
OUT_OF_REACH = {"kill", "clone", "clone3", "fork", "vfork", "pipe2", "rt_sigprocmask", "lseek"}

#: What the kernel does not refuse, or whose failing is not to be seen: memory; the end.
NEVER = {"mmap", "munmap", "brk", "mremap", "madvise", "getpid", "getppid", "getpgrp", "exit_group", "execve"}

CALLS = (
    *("sched_yield", "close", "close_range", "setitimer", "rt_sigaction", "rt_sigtimedwait", "wait4", "waitid", "kill"),
    *("openat", "read", "readv", "readlink", "getdents64", "newfstatat", "pidfd_open", "pidfd_send_signal", "setpgid"),
    *("ioctl", "getpgid", "uname", "write", "lseek", "fcntl", "rt_sigprocmask", "rt_sigpending"),
    *("pipe2", "clone", "clone3", "fork", "vfork", "clock_nanosleep", "poll"),
    # The C library's own start, in a static init, and what its Python asks for when it is brought up.
    *("arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "mprotect"),
    *("sigaltstack", "gettid", "sysinfo"),
)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> Scene:  # noqa: ARG001 - it is needed
    need(shutil.which("strace") and shutil.which("cc"), "strace and a C compiler")
    return Scene(tmp_path_factory.mktemp("scene"))


def inject(call: str, error: str, when: str) -> tuple[str, ...]:
    marks = "execve,rt_sigprocmask"  # by which it is known where our instructions begin
    return ("-e", f"trace={call},{marks}", "-e", f"inject={call}:error={error}:when={when}")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("form", FORMS)
def test_from_the_start(scene: Scene, tmp_path: Path, form: str, call: str) -> None:
    before, after = scene.calls(form).get(call, (0, 0))
    errors = dict.fromkeys([*ERRORS, *(["EAGAIN"] if call == "rt_sigtimedwait" else [])])  # which is no time-out then
    for error in errors if after else ():
        if call in OUT_OF_REACH or (form == "rules" and call in FILES):
            continue
        life = scene.live(form, tmp_path / error, *inject(call, error, f"{before + 1}+"))
        assert life.early or not life.faults(WORKER if call in READS else ()), (error, life)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("form", FORMS)
def test_once(scene: Scene, tmp_path: Path, form: str, call: str) -> None:
    before, after = scene.calls(form).get(call, (0, 0))
    for number in range(before + 1, before + after + 1, EVERY):
        for error in ONCE:
            life = scene.live(form, tmp_path / f"{number}{error}", *inject(call, error, str(number)))
            assert life.early or not life.faults(), (number, error, life)


@pytest.mark.parametrize("form", FORMS)
def test_no_call_is_forgotten_here(scene: Scene, form: str) -> None:
    assert set(scene.calls(form)) <= {*CALLS, *NEVER}


@pytest.mark.parametrize("form", FORMS)
def test_once_the_child_runs_no_module_is_read(scene: Scene, form: str) -> None:
    lines = scene.trace(form)
    begin = max(number for number, line in enumerate(lines) if line.startswith((b"clone", b"fork", b"vfork")))
    assert not [line for line in lines[begin:] if b".py" in line or b"init" in line]
