"""The supervisors that read their services from files: s6 and supervisord."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from bench.task import Task


def s6(task: Task, stop: str = "TERM", copies: int = 1) -> list[str]:
    """Return the command of s6-svscan over a folder with so many services.

    When USR1 arrives, s6-svscan runs .s6-svscan/SIGUSR1 (its manual, "Signals"), which passes it on by s6-svc.
    """
    scan = task.folder / "scan"
    (scan / ".s6-svscan").mkdir(parents=True)
    for number in range(copies):
        service = scan / f"child{number}"
        service.mkdir()
        _script(service / "run", shlex.join(["exec", *task.command]))
        (service / "down-signal").write_text(f"SIG{stop}\n")
    _script(scan / ".s6-svscan" / "SIGUSR1", f"exec s6-svc -1 {shlex.quote(str(scan / 'child0'))}")
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
autorestart={again}
stdout_logfile=NONE
stderr_logfile=NONE
stopsignal={stop}
"""


def supervisord(task: Task, stop: str = "TERM", again: str = "false") -> list[str]:
    """Return the command of supervisord with one program, in as many copies as the task has.

    :param again: ``true``: they are started again.
    """
    file = task.folder / "supervisord.conf"
    command = shlex.join(task.command).replace("%", "%%")
    file.write_text(SUPERVISORD.format(folder=task.folder, command=command, copies=task.copies, stop=stop, again=again))
    return ["supervisord", "-c", str(file)]
