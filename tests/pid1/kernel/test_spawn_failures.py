"""Starts that fail, and children that are stopped before they run: no process is left, nobody waits."""

from __future__ import annotations

import os

import pytest

from tests.pid1.kernel import sessions
from tests.pid1.kernel.starting import failed
from tests.pid1.kernel.test_spawn import GROUPS
from tests.real.require import need


@pytest.mark.parametrize("group", GROUPS)
def test_no_process_is_left(group: str) -> None:
    """RLIMIT_NPROC (getrlimit(2)) counts a user's processes: this one is its only one, and may have no other."""
    need(os.geteuid() == 0, "root, to be a user with no other process")
    code = f"""
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
os.setgroups([])
os.setresuid(54322, 54322, 54322)
error = spawn.attempt((b"true",), StartOptions(group={group!r}))
"""
    assert failed(code) == "11 fork Resource temporarily unavailable\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            'os.close(0); options = StartOptions(terminal="stdin")',
            "9 terminal it can't have the terminal: Bad file descriptor",
        ),
        ('limit(); options = StartOptions(group="session")', "24 fork Too many open files"),
        ("limit(); options, quiet = StartOptions(), True", "24 fork Too many open files"),
    ],
)
def test_what_has_failed_before(code: str, said: str) -> None:
    code = f"""
def limit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
quiet = False
{code}
error = spawn.attempt((b"true",), options, terminal=True, quiet=quiet)
"""
    assert failed(code) == f"{said}\n"


def test_a_child_that_is_stopped_at_once_leads_its_process_group(pty: int) -> None:
    """Before it could see to that itself: a signal for the group reaches it all the same."""
    code = """
control()
os.register_at_fork(after_in_child=lambda: os.kill(os.getpid(), signal.SIGSTOP))
pid = spawn.attempt((b"true",), StartOptions(), terminal=True).pid
print(os.WIFSTOPPED(os.waitpid(pid, os.WUNTRACED)[1]))
os.kill(-pid, signal.SIGKILL)
print(os.waitpid(pid, 0)[1])
"""
    assert sessions.told(code, pty) == ["True", "9"]


def test_a_child_that_is_stopped_before_its_program_runs_is_not_waited_for(pty: int) -> None:
    """By a Ctrl-Z, or anybody's STOP: who waited for the exec could not continue it."""
    code = """
control()
terminal.WAYS["stop"] = terminal.Way(lambda: 0, lambda fd: os.kill(os.getpid(), signal.SIGSTOP))
begun = spawn.attempt((b"true",), StartOptions(terminal="stop"), terminal=True)
begun.wait()
print(begun.is_known(), os.WIFSTOPPED(os.waitpid(begun.pid, os.WUNTRACED)[1]))
os.kill(begun.pid, signal.SIGCONT)
print(os.waitpid(begun.pid, 0)[1])
"""
    assert sessions.told(code, pty) == ["False True", "0"]
