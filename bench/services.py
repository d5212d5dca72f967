"""The supervisors that read their services from files: s6 and supervisord."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bench.task import Task


def s6(task: Task, stop: str = "TERM") -> list[str]:
    """Return the command of s6-svscan over a folder with one service.

    When USR1 arrives, s6-svscan runs .s6-svscan/SIGUSR1 (its manual, "Signals"), which passes it on by s6-svc.
    """
    scan = task.folder / "scan"
    service = scan / "child"
    for folder in (service, scan / ".s6-svscan"):
        folder.mkdir(parents=True)
    _script(service / "run", shlex.join(["exec", *task.command]))
    (service / "down-signal").write_text(f"SIG{stop}\n")
    _script(scan / ".s6-svscan" / "SIGUSR1", f"exec s6-svc -1 {shlex.quote(str(service))}")
    return ["s6-svscan", str(scan)]


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


# minfds allows three pipes for each of a thousand children. Nothing is logged, as the others log nothing, too.
SUPERVISORD = """
[supervisord]
nodaemon=true
silent=true
user=root
logfile=/dev/null
logfile_maxbytes=0
loglevel=critical
pidfile={folder}/supervisord.pid
childlogdir={folder}
minfds=8192

[program:child]
command={command}
numprocs={copies}
process_name=%(program_name)s_%(process_num)d
startsecs=0
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE
stopsignal={stop}
"""


def supervisord(task: Task, stop: str = "TERM") -> list[str]:
    """Return the command of supervisord with one program, in as many copies as the task has."""
    file = task.folder / "supervisord.conf"
    command = shlex.join(task.command).replace("%", "%%")
    file.write_text(SUPERVISORD.format(folder=task.folder, command=command, copies=task.copies, stop=stop))
    return ["supervisord", "-c", str(file)]
