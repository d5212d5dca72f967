"""Run as ``python namespace.py WAY PARENT FD COMMAND...``: it runs the command as PID 1, or as a subreaper.

WAY ``namespace``: the command is PID 1 of a PID namespace of its own, with its own /proc
(pid_namespaces(7)). WAY ``subreaper``: the command adopts the orphans below it
(PR_SET_CHILD_SUBREAPER(2const)), which needs no rights. PARENT is the pid of the process that has
started this: when that ends, or at a TERM, everything here ends. On FD it tells what happens, as
JSON lines: the command's pid; how and when it ended; or that it can't be run, and why.

This is a program of its own, because a process with several threads can't unshare its user
namespace (unshare(2)). It uses the standard library only.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 1 << 18
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36

WATCHED = {signal.SIGCHLD, signal.SIGTERM}


def call(name: str, *arguments: object) -> None:
    """Call a function of the C library.

    :raises OSError: the function has failed.
    """
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def unshare() -> None:
    """Let the next child be PID 1 of a new namespace; if this is not root, make a user namespace for that, too."""
    user, group = os.geteuid(), os.getegid()
    call("unshare", CLONE_NEWPID | CLONE_NEWNS | (CLONE_NEWUSER if user else 0))
    if user:
        # Without this, nobody but root may map a group (user_namespaces(7)).
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    # Mounts from here on must not show outside (mount_namespaces(7)).
    call("mount", None, b"/", None, ctypes.c_ulong(MS_REC | MS_PRIVATE), None)


def own_proc() -> None:
    """Mount a /proc for this process's PID namespace: the old /proc shows the processes outside."""
    call("mount", b"proc", b"/proc", b"proc", ctypes.c_ulong(MS_NOSUID | MS_NODEV | MS_NOEXEC), None)


def adopt() -> None:
    """Become a subreaper, which adopts the orphans below it."""
    call("prctl", PR_SET_CHILD_SUBREAPER, ctypes.c_ulong(1))


def end_with_parent(number: signal.Signals) -> None:
    """Have the kernel send this signal when the parent ends; an exec keeps that setting (PR_SET_PDEATHSIG(2const))."""
    call("prctl", PR_SET_PDEATHSIG, ctypes.c_ulong(number))


class Place:
    """The surroundings of the command: it runs there, and all its processes are ended there."""

    def __init__(self, way: str, parent: int, status: int) -> None:
        self.new = way == "namespace"
        self.parent = parent
        self.status = status

    def tell(self, event: str, **fields: object) -> None:
        """Write a line; ignore the error if the reader has gone."""
        line = json.dumps({"event": event, "at": time.monotonic(), **fields}) + "\n"
        try:
            os.write(self.status, line.encode())
        except OSError:
            return

    def run(self, command: list[str]) -> int:
        """Run the command until it ends or a TERM arrives; tell what has happened."""
        os.set_inheritable(self.status, False)  # noqa: FBT003 - it takes no keyword
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if CHLD is ignored, the kernel keeps no status (waitpid(2))
        signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
        try:
            unshare() if self.new else adopt()
            end_with_parent(signal.SIGTERM)
        except OSError as error:
            self.tell("cannot", reason=error.strerror or str(error))
            return 1
        if os.getppid() != self.parent:  # the parent ended before the kernel was asked to tell
            return 1
        pid = os.fork()
        if not pid:
            self.become(command)
        self.tell("started", pid=pid)
        self.watch(pid)
        if not self.new:  # in a new namespace, the end of PID 1 has ended everything
            self.sweep()
        return 0

    def become(self, command: list[str]) -> None:
        """Run the command in this child process; never return."""
        try:
            end_with_parent(signal.SIGKILL)
            own_proc() if self.new else adopt()
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execv(command[0], command)  # noqa: S606 - to run the command without a shell is what this is for
        except OSError as error:
            self.tell("cannot", reason=error.strerror or str(error))
        finally:
            os._exit(1)

    def watch(self, child: int) -> None:
        """Wait until the child ends, and tell that; kill it if a TERM arrives."""
        while True:
            if signal.sigwait(WATCHED) == signal.SIGTERM:
                os.kill(child, signal.SIGKILL)  # if that is PID 1, the kernel ends its whole namespace
            found = os.waitpid(child, os.WNOHANG)
            if found[0]:
                self.tell("ended", code=shell_code(found[1]))
                return

    def sweep(self) -> None:
        """End all remaining processes, level by level: this process adopts those whose parent has ended."""
        while True:
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return


def children() -> list[int]:
    """Return the children of this process; none if /proc can't be read (proc_pid_stat(5))."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue  # the process has ended meanwhile
        if int(words[1]) == os.getpid():
            found.append(int(path.parent.name))
    return found


def shell_code(status: int) -> int:
    """Return a wait status as the exit code that a shell shows."""
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(Place(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])).run(sys.argv[4:]))
