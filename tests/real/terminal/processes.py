"""What the kernel tells of the processes of a session: proc_pid_stat(5)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from tests.real.container import children, state, title_of

__all__ = ["children", "group", "listed", "of_session", "parent", "session", "state"]


def fields(pid: int) -> list[str]:
    """Return the fields of a process after its name: state, parent, group, session, ...; none when it has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def parent(pid: int) -> int:
    """Return the parent of a process."""
    return int(fields(pid)[1])


def group(pid: int) -> int:
    """Return the process group of a process."""
    return int(fields(pid)[2])


def session(pid: int) -> int:
    """Return the session of a process, 0 when it has gone."""
    return int((fields(pid)[3:4] or ["0"])[0])


def of_session(leader: int) -> list[int]:
    """Return the processes of a session."""
    if not leader:
        return []
    pids = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
    return [pid for pid in pids if session(pid) == leader]


def listed(leader: int) -> str:
    """Return the processes of a session as ps(1) would show them: for whoever reads why a test failed."""
    lines = ["  pid  ppid  pgrp state"]
    for pid in of_session(leader):
        with suppress(IndexError):
            lines.append(f"{pid:5} {parent(pid):5} {group(pid):5} {state(pid)} {title_of(pid)}")
    return "\n".join(lines)
