"""Processes with a world, and what the kernel says of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sigroute.pid1.kernel import accounts
from sigroute.pid1.kernel.options import DEFAULT_START
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.kernel.world import ready
from sigroute.pid1.plan import ChildPlan, Launch, Plan, World
from tests.pid1.kernel.starting import start

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent.parent

#: A program that needs little and stays.
SLEEPS = (b"sleep", b"60")

#: With sigroute's own PATH.
PATH = {b"PATH": b"/usr/bin:/bin"}

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
# a comment, and a line of NIS
+::::::
broken:x:many:1:::
unchanged:x:4294967295:4294967295:::
app:x:54321:54322:An App:/srv/app:/bin/sh
homeless:x:54323:54323:::
"""

GROUP = """\
root:x:0:
app:x:54322:
www:x:54330:root,app
log:x:54331:app
others:x:54332:apple,homeless
broken:x:many:app
"""

#: What Docker leaves root of the capabilities (its default).
KEPT = (
    "chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service net_raw sys_chroot mknod audit_write"
)
DOCKER = ("setpriv", "--inh-caps=-all", f"--bounding-set=-all,+setfcap,+{',+'.join(KEPT.split())}")


def write_accounts(folder: Path) -> None:
    """Have users and groups of this test, in this process and in what it forks."""
    (folder / "passwd").write_text(PASSWD)
    (folder / "group").write_text(GROUP)
    use_accounts(folder)


def use_accounts(folder: Path) -> None:
    """Take the users and groups in this folder."""
    accounts.PASSWD, accounts.GROUP = str(folder / "passwd"), str(folder / "group")


@contextmanager
def started(environ: dict[bytes, bytes] | None = None, **fields: Any) -> Iterator[int]:
    """Yield the pid of a process with this world.

    :raises CannotRunError: it can't be had.
    """
    pid = start(SLEEPS, PATH if environ is None else environ, DEFAULT_START, world=World(**fields))
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def seen(environ: dict[bytes, bytes] | None = None, **fields: Any) -> Any:
    """Return what /proc shows of a process with this world, or why it does not start."""
    try:
        with started(environ, **fields) as pid:
            return shown(pid)
    except CannotRunError as error:
        return f"{error.number} {error.what}: {error}"


def shown(pid: int) -> Any:
    """Return what /proc shows of a process, in plain values.

    Its own user looks at it: without CAP_SYS_PTRACE, as in Docker, root may not (proc(5)).
    """
    owner = Path(f"/proc/{pid}").stat()
    reader, writer = os.pipe()
    if not os.fork():
        try:
            if owner.st_uid != os.geteuid():
                drop(owner.st_uid, owner.st_gid)
            os.write(writer, json.dumps(as_told(pid), default=sorted).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        found = json.load(told)
    os.wait()
    return found


def as_told(pid: int) -> dict[str, Any]:
    """Return what /proc shows of a process (proc_pid_status(5) and others)."""
    process = Path(f"/proc/{pid}")
    status = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    limits = (process / "limits").read_text().splitlines()[1:]
    environ = (process / "environ").read_bytes().decode().split("\0")[:-1]
    return {
        "uids": {*status["Uid"].split()},
        "gids": {*status["Gid"].split()},
        "groups": {*status["Groups"].split()},
        "umask": status["Umask"],
        "capabilities": int(status["CapEff"], 16),
        "limits": {line[:26].strip(): line[26:68].split() for line in limits},
        "environ": environ,
        "cwd": str((process / "cwd").readlink()),
        "nice": int((process / "stat").read_text().rpartition(")")[2].split()[16]),
        "descriptors": {int(each.name): str(each.readlink()) for each in (process / "fd").iterdir()},
    }


#: Run in a process of its own, which has other rights.
ELSEWHERE = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from tests.pid1.kernel.worlds import *
use_accounts(Path(sys.argv[2]))
notes(World(limits={4: (0, 0)}))  # as PID 1 does: loads what a process with fewer rights might not
told = []
exec(sys.argv[3])
print(json.dumps(told, default=sorted))
"""


def elsewhere(folder: Path, code: str, prefix: tuple[str, ...] = ()) -> Any:
    """Return what this code has put into ``told``; the users and groups are those in this folder."""
    command = [*prefix, sys.executable, "-ISB", "-c", ELSEWHERE, str(ROOT), str(folder), code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    return json.loads(done.stdout)


def drop(uid: int, gid: int, *groups: int) -> None:
    """Be an ordinary user."""
    os.setgroups(groups)
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def notes(*worlds: World) -> tuple[str, ...]:
    """Return what is said of these worlds at the start."""
    children = [ChildPlan(name="child", argv=SLEEPS, running=0, starting=0, world=each) for each in worlds]
    return ready(Launch(plan=Plan(children=tuple(children), tables=(), actions=(), stop_signals=frozenset()))).notes


__all__ = ["World", "drop", "notes", "os", "seen", "shown", "started", "use_accounts"]
