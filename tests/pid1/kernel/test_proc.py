"""What /proc tells, of processes that are really there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.tree import alive
from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel.dispositions import handled
from sigroute.pid1.kernel.process_names import names
from tests.real.terminal.processes import state
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sigroute.pid1.engine.events import Process


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process whose name is made to confuse who reads /proc/PID/stat."""
    program = tmp_path / "a) S 1 (b"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([str(program), "600"]) as process:
        until(lambda: names(process.pid)[1] == program.name, "it has become its program")
        yield process
        process.kill()


def test_a_process_is_read_whatever_its_name(odd: subprocess.Popen[bytes]) -> None:
    found = proc.process(odd.pid)
    assert found is not None
    assert (found.pid, found.parent) == (odd.pid, os.getpid())
    assert (found.group, found.session) == (os.getpgid(odd.pid), os.getsid(odd.pid))
    assert found in [each.but(state=found.state) for each in proc.processes() or ()]


def test_a_zombie_has_a_state(odd: subprocess.Popen[bytes]) -> None:
    odd.kill()
    os.waitid(os.P_PID, odd.pid, os.WEXITED | os.WNOWAIT)
    found = proc.process(odd.pid)
    assert found is not None
    assert found.state == "Z"
    odd.wait()
    assert proc.process(odd.pid) is None


#: Ends its first thread, with another living: exit(2), the system call, by number.
OUTLIVED = """
import ctypes, os, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
print(flush=True)
ctypes.CDLL(None).syscall({"x86_64": 60}.get(os.uname().machine, 93), 0)
"""


def test_who_has_lost_its_first_thread_lives() -> None:
    with subprocess.Popen([sys.executable, "-ISc", OUTLIVED], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        until(lambda: state(process.pid) == "Z", "its first thread has ended")
        found = proc.process(process.pid)
        process.terminate()
        assert process.wait() == -signal.SIGTERM
    assert found is not None
    assert alive([found]) == [found]


#: Once told to, forks, tells who that is, and ends.
FORKS_AND_ENDS = """
import os, sys, time
sys.stdin.readline()
if pid := os.fork():
    print(pid, flush=True)
    os._exit(0)
time.sleep(600)
"""


def test_who_forks_and_ends_between_list_and_look_leaves_a_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon that starts so is not to be taken for gone."""
    listdir = os.listdir
    heirs: list[int] = []
    command = [sys.executable, "-ISc", FORKS_AND_ENDS]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as daemon:

        def late(path: str) -> list[str]:
            entries = listdir(path)
            if not heirs:
                assert str(daemon.pid) in entries
                assert daemon.stdin is not None
                assert daemon.stdout is not None
                daemon.stdin.write("\n")
                daemon.stdin.flush()
                heirs.append(int(daemon.stdout.readline()))
                daemon.wait()
            return entries

        monkeypatch.setattr("posix.listdir", late)
        found = {each.pid for each in proc.processes() or ()}
        os.kill(heirs[0], signal.SIGKILL)
    assert heirs[0] in found
    assert daemon.pid not in found


def test_whose_parent_ends_between_two_looks_is_its_next_parents(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read first, as where pids wrap: its number is the lower."""
    listdir, process = os.listdir, proc.process
    command = [sys.executable, "-ISc", FORKS_AND_ENDS.replace("os._exit", "sys.stdin.readline(); os._exit")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.write("\n")
        parent.stdin.flush()
        heir = int(parent.stdout.readline())

        def wrapped(path: str) -> list[str]:
            return sorted(listdir(path), key=lambda entry: (entry == str(parent.pid), entry != str(heir)))

        def last(pid: int) -> Process | None:
            row = process(pid)
            if pid == heir and parent.poll() is None:
                assert row is not None
                assert row.parent == parent.pid
                parent.kill()
                parent.wait()
            return row

        monkeypatch.setattr("posix.listdir", wrapped)
        monkeypatch.setattr(proc, "process", last)
        found = {each.pid: each for each in proc.processes() or ()}
        now = process(heir)
        os.kill(heir, signal.SIGKILL)
    assert now is not None
    assert parent.pid not in found
    assert found[heir].parent == now.parent != parent.pid


@pytest.mark.parametrize("self", ["1234567", None])
def test_the_proc_of_another_namespace_tells_nothing(monkeypatch: pytest.MonkeyPatch, self: str | None) -> None:
    def readlink(_path: str) -> str:
        if self is None:
            raise FileNotFoundError
        return self

    monkeypatch.setattr("posix.readlink", readlink)
    assert (names(os.getpid()), handled(os.getpid()), proc.processes()) == ((None, ""), (None, 0), None)


#: No process of the test's, and where it would have been listed then.
OTHER = 1
ELSEWHERE = {"parent": OTHER, "group": OTHER}
#: Its parent has gone: there is no such pid (proc_sys_kernel(5), pid_max).
ADOPTED = {"parent": 1 << 23, "group": OTHER}


@pytest.mark.parametrize("has_pidfd", [True, False])
@pytest.mark.parametrize(
    ("change", "me"),
    [({}, OTHER), ({"parent": OTHER}, OTHER), ({"group": OTHER}, OTHER), (ELSEWHERE, 0), (ADOPTED, OTHER)],
)
def test_only_the_one_that_was_listed_is_signalled(
    odd: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch, change: dict[str, int], me: int, *, has_pidfd: bool
) -> None:
    """Since then it may have left its group, or have got another parent; both only where its own has gone."""
    if not has_pidfd:  # as in a Python that was built where the kernel's headers are old
        monkeypatch.delattr("posix.pidfd_open")
    me = me or os.getpid()
    found = proc.process(odd.pid)
    assert found is not None
    with pytest.raises(ProcessLookupError):
        proc.kill_same(found.but(start=found.start - 1), signal.SIGKILL, me)
    with pytest.raises(ProcessLookupError):  # it started in the same tick
        proc.kill_same(found.but(**ELSEWHERE), signal.SIGKILL, OTHER)
    assert odd.poll() is None
    proc.kill_same(found.but(**change), signal.SIGKILL, me)
    assert odd.wait() == -signal.SIGKILL
    with pytest.raises(ProcessLookupError):
        proc.kill_same(found, signal.SIGKILL, me)
