"""Starting programs: what they start with, and the reason where they can't be started."""

from __future__ import annotations

import errno
import json
import os
import posix
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel import spawn, surroundings
from sigroute.pid1.kernel.options import DEFAULT_START, StartOptions
from sigroute.pid1.kernel.start import CannotRunError, Start
from tests.pid1.kernel.starting import failed, start
from tests.real.leases import Lease
from tests.real.programs import OF_LIBC
from tests.real.require import need

#: Writes down what it started with.
TELLS = """
import json, os, signal, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
told = {
    "masks": [int(status[name], 16) for name in ("SigBlk", "SigIgn", "SigCgt")],
    "leads": os.getpgid(0) == os.getpid(),
    "session": os.getsid(0) == os.getpid(),
    "group": os.getpgid(0),
    "descriptors": [each for each in range(1024) if os.path.lexists(f"/proc/self/fd/{each}")],
    "stdin": os.readlink("/proc/self/fd/0"),
    "environ": {name: os.environ.get(name) for name in ("LISTEN_PID", "GIVEN")},
    "pid": os.getpid(),
}
json.dump(told, open(sys.argv[1], "w"))
"""


def told(
    tmp_path: Path, environ: dict[bytes, bytes], options: StartOptions = DEFAULT_START, *, quiet: bool = False
) -> dict[str, Any]:
    """Start the program above; return what it has written."""
    path = tmp_path / "told"
    argv = [sys.executable, "-I", "-S", "-c", TELLS, str(path)]
    pid = start(tuple(map(os.fsencode, argv)), environ, options, quiet=quiet)
    assert os.waitpid(pid, 0) == (pid, 0)
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    assert found.pop("pid") == pid
    return found


def passed_on() -> list[int]:
    """Return the descriptors that a program gets which this process runs: its own standard ones, and who knows what."""
    return [each for each in open_here() if os.get_inheritable(each)]


def of_libc() -> int:
    """Return which of 32 and 33 are ignored in this process, and so in what it starts: nobody can change that."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("SigIgn:")[2].split()[0], 16) & OF_LIBC


def open_here() -> list[int]:
    """Return the descriptors of this process."""
    return [each for each in range(1024) if os.path.lexists(f"/proc/self/fd/{each}")]


def test_a_child_starts_clean(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    ignored = signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    try:
        found = told(tmp_path, {b"GIVEN": b"\xff"}, quiet=False)
    finally:
        signal.signal(signal.SIGUSR2, ignored)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    # Python ignores PIPE and XFSZ itself, and catches INT.
    own = (1 << signal.SIGPIPE - 1) | (1 << signal.SIGXFSZ - 1) | of_libc()
    assert found["masks"] == [0, own, 1 << signal.SIGINT - 1]
    assert found["leads"] is True
    assert found["descriptors"] == passed_on()
    assert found["environ"] == {"LISTEN_PID": None, "GIVEN": "\udcff"}


def test_sockets_that_were_ours_are_its_own(tmp_path: Path) -> None:
    ours, others = b"%d" % os.getpid(), b"%d" % os.getppid()
    path = tmp_path / "told"
    found = told(tmp_path, {b"LISTEN_PID": others}, quiet=False)
    assert found["environ"] == {"LISTEN_PID": others.decode(), "GIVEN": None}
    code = f"import os; open({str(path)!r}, 'w').write(os.environ['LISTEN_PID'])"
    argv = (os.fsencode(sys.executable), b"-I", b"-c", code.encode())
    pid = start(argv, {b"LISTEN_PID": ours}, DEFAULT_START)
    os.waitpid(pid, 0)
    assert path.read_text() == str(pid)
    command = told(tmp_path, {b"LISTEN_PID": ours}, quiet=True)
    assert command["environ"] == {"LISTEN_PID": ours.decode(), "GIVEN": None}


SAYS_ITS_OWN = """
import os, sys
fd = os.pidfd_open(os.getpid())
names = ("LISTEN_PID", "WATCHDOG_PID", "LISTEN_PIDFDID")
open(sys.argv[1], "w").write(repr([os.environ.get(each) for each in names] + [str(os.fstat(fd).st_ino)]))
"""


def meant(tmp_path: Path, **environ: str) -> list[str | None]:
    """Return what a child is told that is for it, and the inode of its pidfd; P in a value is its pid."""
    path = tmp_path / "told"
    argv = (os.fsencode(sys.executable), b"-ISc", SAYS_ITS_OWN.encode(), os.fsencode(path))
    pid = start(argv, {name.encode(): value.encode() for name, value in environ.items()}, DEFAULT_START)
    os.waitpid(pid, 0)
    found = eval(path.read_text())
    assert isinstance(found, list)
    return [value and re.sub(rf"^{pid}$", "P", value) for value in found]


def test_what_was_meant_for_us_is_for_it(tmp_path: Path) -> None:
    ours, other = str(os.getpid()), str(os.getppid())
    assert meant(tmp_path, LISTEN_PID=ours, WATCHDOG_PID=ours)[:3] == ["P", "P", None]
    assert meant(tmp_path, LISTEN_PID=other, WATCHDOG_PID=other)[:3] == [other, other, None]
    assert meant(tmp_path, WATCHDOG_PID=ours)[:3] == [None, "P", None]


def test_and_so_is_the_inode_that_tells_a_process_from_others_of_its_pid(tmp_path: Path) -> None:
    ours, mine = str(os.getpid()), surroundings.inode(os.getpid()).decode()
    need(surroundings.inode(os.getppid()).decode() != mine, "Linux 6.9, where each pidfd has an inode of its own")
    listens, _, inode, own = meant(tmp_path, LISTEN_PID=ours, LISTEN_PIDFDID=mine)
    assert (listens, inode) == ("P", own)
    # Another process had our pid.
    assert meant(tmp_path, LISTEN_PID=ours, LISTEN_PIDFDID="1")[:3] == [ours, None, "1"]


def test_where_it_can_not_be_had_it_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(posix, "pidfd_open")
    assert meant(tmp_path, LISTEN_PID=str(os.getpid()), LISTEN_PIDFDID="7")[:3] == ["P", None, None]


def test_a_command_reads_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, {}, quiet=True)["stdin"] == "/dev/null"


#: Whether a child leads its process group, and a session.
GROUPS = {"own": (True, False), "session": (True, True), "shared": (False, False)}


@pytest.mark.parametrize("group", GROUPS)
def test_where_a_child_is(group: str, tmp_path: Path) -> None:
    found = told(tmp_path, {}, StartOptions(group=group))
    assert (found["leads"], found["session"]) == GROUPS[group]
    assert (found["group"] == os.getpgrp()) == (group == "shared")
    assert found["descriptors"] == passed_on()


@pytest.mark.parametrize("group", GROUPS)
def test_what_is_blocked_and_ignored_in_a_child(group: str, tmp_path: Path) -> None:
    """Ignored is what was ignored here, if it is to stay so: USR2 and 40, not USR1, and HUP was not."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    saved = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGUSR1, signal.SIGUSR2, 40)}
    options = StartOptions(group=group, keep_ignored=frozenset((1, 12, 40)), blocked=frozenset((10, 20, 41)))
    try:
        found = told(tmp_path, {}, options)
    finally:
        for number, handler in saved.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    own = (1 << signal.SIGPIPE - 1) | (1 << signal.SIGXFSZ - 1) | of_libc()
    blocked, ignored, _ = found["masks"]
    assert blocked == 1 << 9 | 1 << 19 | 1 << 40
    assert ignored == own | 1 << 11 | 1 << 39


@pytest.mark.parametrize("group", GROUPS)
def test_sockets_are_left_to_whom_they_are_for_where_the_options_say_so(group: str, tmp_path: Path) -> None:
    ours = b"%d" % os.getpid()
    found = told(tmp_path, {b"LISTEN_PID": ours}, StartOptions(group=group, pid_variables=()))
    assert found["environ"] == {"LISTEN_PID": ours.decode(), "GIVEN": None}


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize(
    ("argv", "number"), [(["no-such"], 2), (["/etc"], 13), ([""], 2), (["/etc/passwd"], 13), (["/etc/passwd/x"], 20)]
)
def test_what_has_failed_of_an_exec(group: str, argv: list[str], number: int) -> None:
    with pytest.raises(CannotRunError) as caught:
        start(tuple(map(os.fsencode, argv)), {}, StartOptions(group=group))
    assert (caught.value.number, caught.value.what) == (number, "exec")
    with pytest.raises(ChildProcessError):  # nothing is left of the attempt
        os.waitpid(-1, os.WNOHANG)


def test_an_exec_that_takes_long_is_not_waited_for(tmp_path: Path) -> None:
    """Its process is there, and a signal ends it."""
    with Lease(tmp_path / "leased") as lease:
        begun = spawn.attempt((os.fsencode(lease.path),), DEFAULT_START)
        assert isinstance(begun, Start)
        begun.wait()
        assert not begun.is_known()
        os.kill(begun.pid, signal.SIGTERM)
        assert os.waitstatus_to_exitcode(os.waitpid(begun.pid, 0)[1]) == -signal.SIGTERM
        assert begun.is_known()
        assert begun.error is None


def test_the_reason_may_come_late_and_the_descriptor_is_closed(tmp_path: Path) -> None:
    before = open_here()
    with Lease(tmp_path / "leased", writes=True) as lease:
        begun = spawn.attempt((os.fsencode(lease.path),), DEFAULT_START)
        assert isinstance(begun, Start)
        begun.wait()
        assert not begun.is_known()
        lease.give_up()
        assert os.waitstatus_to_exitcode(os.waitpid(begun.pid, 0)[1]) == CANNOT_RUN
        assert begun.is_known()
        assert begun.error is not None
        assert (begun.error.number, begun.error.what) == (errno.ETXTBSY, "exec")
    assert open_here() == before


def test_one_that_stops_when_it_has_told_its_reason_is_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_code: int) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    monkeypatch.setattr(posix, "_exit", stop)  # in the child, as by a Ctrl-Z at that moment
    with pytest.raises(CannotRunError, match="not found in PATH"):
        start((b"no-such-program",), {}, StartOptions(group="shared"))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_the_standard_descriptors_are_left_closed_where_they_were(tmp_path: Path) -> None:
    """And nothing that a child has to tell goes into one of them, nor is lost by a command's /dev/null."""
    code = f"""
for fd in (0, 1):
    os.close(fd)
begun = [spawn.attempt((b"no-such",), StartOptions(), quiet=quiet) for quiet in (True, False)]
for each in begun:
    os.waitid(os.P_PID, each.pid, os.WEXITED | os.WNOWAIT)
open({str(tmp_path / "told")!r}, "w").write(str([each.is_known() and str(each.error) for each in begun]))
os._exit(0)
"""
    failed(code)
    assert (tmp_path / "told").read_text().count("not found in PATH") == 2
