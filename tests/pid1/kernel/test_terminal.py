"""The terminal, on a real one: who finds it, who is in its foreground when, and stopping as a job of a shell."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent.parent

SETUP = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import fcntl, os, signal, termios
from sigroute.pid1.kernel import mask, spawn, terminal
from sigroute.pid1.manner import Manner
def control():
    "Make standard input the controlling terminal of this session, which this process leads."
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
def member():
    "Start a process in a group of its own, which ends with this one; return its pid."
    (ready, begun), (alive, keeps) = os.pipe(), os.pipe()
    pid = os.fork()
    if not pid:
        os.setpgid(0, 0)
        for fd in (1, begun, keeps):
            os.close(fd)
        os.read(alive, 1)
        os._exit(0)
    os.close(begun)
    os.read(ready, 1)
    return pid
def end(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
mask.block()
"""

#: Tells of the program itself: is it in the foreground of its controlling terminal, does it lead its session?
PROGRAM = """
import os
tty = os.open("/dev/tty", os.O_RDWR)
print(os.tcgetpgrp(tty) == os.getpgrp(), os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid())
"""


@pytest.fixture(name="pty")
def _pty() -> Iterator[int]:
    """Return the terminal's own side of a new one."""
    master, slave = os.openpty()
    yield slave
    os.close(master)
    os.close(slave)


def told(code: str, stdin: int = subprocess.DEVNULL) -> list[str]:
    """Run code as the leader of a new session; return what it prints."""
    done = subprocess.run(
        [sys.executable, "-uISB", "-c", SETUP + code],
        check=True,
        stdin=stdin,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        start_new_session=True,
    )
    return done.stdout.splitlines()


FINDS = """
for name in ("none", "foreground", "stdin", "anywhere", "session"):
    try:
        fd = terminal.WAYS[name].find()
        print(name, "another" if fd > 2 else fd)
    except OSError as error:
        print(name, error.strerror)
"""


def finds(code: str, stdin: int = subprocess.DEVNULL) -> dict[str, str]:
    """Return what each way finds."""
    words: dict[str, str] = {}
    for line in told(code + FINDS, stdin):
        name, _, found = line.partition(" ")
        words[name] = found
    return words


def test_what_is_found_in_the_foreground(pty: int) -> None:
    found = {"none": "-1", "foreground": "another", "stdin": "0", "anywhere": "another", "session": "0"}
    assert finds("control()", pty) == found


def test_what_is_found_in_the_background(pty: int) -> None:
    code = "control(); os.tcsetpgrp(0, member())"
    found = {"none": "-1", "foreground": "-1", "stdin": "0", "anywhere": "another", "session": "0"}
    assert finds(code, pty) == found


def test_with_others_in_our_group_it_is_shared_with_a_child(pty: int) -> None:
    """The others of a pipeline are to hear what is typed, too."""
    code = """
control()
(alive, keeps) = os.pipe()
if not os.fork():
    os.close(keeps)
    os.close(1)
    os.read(alive, 1)
    os._exit(0)
"""
    assert finds(code, pty)["foreground"] == "-2"


def test_what_is_found_of_another_sessions_terminal(pty: int) -> None:
    found = {"none": "-1", "foreground": "-1", "stdin": "-1", "anywhere": "-1", "session": "0"}
    assert finds("", pty) == found


def test_what_is_found_where_the_terminal_is_not_on_standard_input(pty: int) -> None:
    code = "control(); os.dup2(os.open(os.devnull, os.O_RDONLY), 0)"
    found = {"none": "-1", "foreground": "another", "stdin": "-1", "anywhere": "another", "session": "-1"}
    assert finds(code, pty) == found


def test_what_is_found_where_there_is_none() -> None:
    found = dict.fromkeys(("none", "foreground", "stdin", "anywhere", "session"), "-1")
    assert finds("") == found
    assert finds("os.close(0)") == {**found, "stdin": "Bad file descriptor"}


@pytest.mark.parametrize("way", ["foreground", "stdin", "anywhere"])
def test_a_program_has_the_foreground_from_its_first_instruction(way: str, pty: int) -> None:
    code = f"""
control()
manner = Manner(terminal={way!r})
pid = spawn.start((sys.executable.encode(), b"-ISBc", {PROGRAM!r}.encode()), {{}}, manner, terminal=True)
print(os.waitpid(pid, 0)[1])
print(os.tcgetpgrp(0) == pid)
terminal.take_back(pid)
print(os.tcgetpgrp(0) == os.getpgrp())
"""
    assert told(code, pty) == ["True True False", "0", "True", "True"]


def test_a_program_has_the_terminal_in_a_session_of_its_own(pty: int) -> None:
    code = f"""
control()
print(repr(terminal.detach()))
print(signal.sigpending())
manner = Manner(group="session", terminal="session")
pid = spawn.start((sys.executable.encode(), b"-ISBc", {PROGRAM!r}.encode()), {{}}, manner, terminal=True)
print(os.waitpid(pid, 0)[1])
print(terminal.is_here())
"""
    assert told(code, pty) == ["''", "set()", "True True True", "0", "False"]


def test_one_that_is_not_the_childs_is_left_alone(pty: int) -> None:
    code = """
control()
pid = spawn.start((b"true",), {b"PATH": os.defpath.encode()}, Manner())
os.waitpid(pid, 0)
print(os.tcgetpgrp(0) == os.getpgrp())
"""
    assert told(code, pty) == ["True"]


def test_giving_up_what_is_no_terminal_is_told() -> None:
    assert told("print(terminal.detach())") == ["errno=25 Inappropriate ioctl for device"]


def test_one_of_a_session_gives_it_up_for_itself(pty: int) -> None:
    """For the others it stays, and nobody is told."""
    code = """
control()
pid = os.fork()
if not pid:
    print(repr(terminal.detach()), terminal.is_here())
    os._exit(0)
os.waitpid(pid, 0)
print(terminal.is_here(), signal.sigpending() - {signal.SIGCHLD})
"""
    assert told(code, pty) == ["'' False", "True set()"]


def test_the_foreground_is_lent_where_it_is_ours(pty: int) -> None:
    code = """
control()
one, two = member(), member()
print(terminal.lend(one), os.tcgetpgrp(0) == one)
print(terminal.lend(one), os.tcgetpgrp(0) == one)
print(terminal.lend(two), os.tcgetpgrp(0) == one)
terminal.take_back(one)
print(os.tcgetpgrp(0) == os.getpgrp())
end(one)
end(two)
"""
    assert told(code, pty) == ["True True", "True True", "False True", "True"]


def test_where_there_is_none_nothing_is_lent() -> None:
    assert told("print(terminal.lend(os.getpgrp())); terminal.take_back(1); print(terminal.is_here())") == [
        "False",
        "False",
    ]


def test_the_foreground_is_taken_back_from_the_child_and_from_the_dead(pty: int) -> None:
    code = """
control()
child, other = member(), member()
for fore, gone in ((child, False), (other, False), (other, True)):
    os.tcsetpgrp(0, fore)
    if gone:
        end(fore)
    terminal.take_back(child)
    print(os.tcgetpgrp(0) == os.getpgrp())
end(child)
"""
    assert told(code, pty) == ["True", "False", "True"]


def test_what_a_shell_is(pty: int) -> None:
    """Somebody of our session, outside of our process group, who is our parent."""
    code = """
control()
print(terminal.has_shell())
for how in ("group", "none", "session"):
    pid = os.fork()
    if not pid:
        if how == "group":
            os.setpgid(0, 0)
        elif how == "session":
            os.setsid()
        print(how, terminal.has_shell())
        os._exit(0)
    os.waitpid(pid, 0)
"""
    assert told(code, pty) == ["False", "group True", "none False", "session False"]


@pytest.mark.parametrize("number", [20, 21, 22, 19])
def test_a_job_stops_and_goes_on(number: int, pty: int) -> None:
    """Its shell is told by which signal; who else is in the job stops as well; the CONT is swallowed."""
    code = f"""
control()
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    other = os.fork()
    if not other:
        mask.restore()
        signal.pause()
    terminal.stop({number})
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    caught = {number} == 19 or signal.getsignal({number}) is mask._caught
    print("on", signal.sigpending() - {{signal.SIGCHLD}}, blocked >= mask.RECEIVABLE - {{32, 33}}, caught)
    end(other)
    os._exit(5)
_, status = os.waitpid(pid, os.WUNTRACED)
print(os.WIFSTOPPED(status) and os.WSTOPSIG(status))
(other,) = open(f"/proc/{{pid}}/task/{{pid}}/children").read().split()
while {number} != 19 and open(f"/proc/{{other}}/stat").read().rpartition(")")[2].split()[0] != "T":
    os.sched_yield()
os.kill(-pid, signal.SIGCONT)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert told(code, pty) == [str(number), "on set() True True", "5"]
