"""The terminal, on a real one: who finds it, and who is in its foreground when."""

from __future__ import annotations

import subprocess

import pytest

from tests.pid1.kernel.sessions import told

#: Tells of the program itself: is it in the foreground of its controlling terminal, does it lead its session?
PROGRAM = """
import os
tty = os.open("/dev/tty", os.O_RDWR)
print(os.tcgetpgrp(tty) == os.getpgrp(), os.getpgrp() == os.getpid(), os.getsid(0) == os.getpid())
"""

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


def test_what_is_found_is_taken_for_no_standard_descriptor_that_is_closed(pty: int) -> None:
    """It would stay open, and be written to as standard error."""
    code = """
control()
os.closerange(0, 1)
os.closerange(2, 3)
for find in (terminal.controlling, terminal.WAYS["anywhere"].find):
    found = find()
    print(found > 2, terminal.foreground(found) == os.getpgrp())
    terminal.close(found)
print([fd for fd in (0, 2) if os.path.exists(f"/proc/{os.getpid()}/fd/{fd}")])
"""
    assert told(code, pty) == ["True True"] * 2 + ["[]"]


@pytest.mark.parametrize("way", ["foreground", "stdin", "anywhere"])
def test_a_program_has_the_foreground_from_its_first_instruction(way: str, pty: int) -> None:
    code = f"""
control()
options = StartOptions(terminal={way!r})
pid = start((sys.executable.encode(), b"-ISBc", {PROGRAM!r}.encode()), {{}}, options, terminal=True)
print(os.waitpid(pid, 0)[1])
print(os.tcgetpgrp(0) == pid)
job.take_back(pid)
print(os.tcgetpgrp(0) == os.getpgrp())
"""
    assert told(code, pty) == ["True True False", "0", "True", "True"]


def test_a_program_has_the_terminal_in_a_session_of_its_own(pty: int) -> None:
    code = f"""
control()
print(repr(terminal.detach()))
print(signal.sigpending())
options = StartOptions(group="session", terminal="session")
pid = start((sys.executable.encode(), b"-ISBc", {PROGRAM!r}.encode()), {{}}, options, terminal=True)
print(os.waitpid(pid, 0)[1])
print(job.seen(0).terminal)
"""
    assert told(code, pty) == ["''", "set()", "True True True", "0", "False"]


def test_one_that_is_not_the_childs_is_left_alone(pty: int) -> None:
    code = """
control()
pid = start((b"true",), {b"PATH": os.defpath.encode()}, StartOptions())
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
    print(repr(terminal.detach()), job.seen(0).terminal)
    os._exit(0)
os.waitpid(pid, 0)
print(job.seen(0).terminal, signal.sigpending() - {signal.SIGCHLD})
"""
    assert told(code, pty) == ["'' False", "True set()"]
