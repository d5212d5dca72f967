"""What job control takes of the kernel: how we stand as a job, lending the terminal, stopping, taking it back.

When and why is decided in engine/jobs.py, which has the theory of it.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import CHILDS, GONE, OTHERS, OURS, Job
from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel.surroundings import machine
from sigroute.pid1.kernel.terminal import NONE, close, controlling, foreground

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: kill(2), tkill(2), tgkill(2), by machine (syscalls(2), uname(2)).
SENDS = {"x86_64": (b"62", b"200", b"234"), "aarch64": (b"129", b"130", b"131")}


def seen(group: int) -> Job:
    """Return how we stand as a job, seen from a child whose process group this is."""
    fd = controlling()
    now = foreground(fd)
    close(fd)
    if fd == NONE:
        return Job()
    whose = CHILDS if now == group else OURS if now == posix.getpgrp() else GONE if now and is_gone(now) else OTHERS
    return Job(terminal=True, foreground=whose, shell=has_shell())


def lend(group: int) -> bool:
    """Put a process group into the foreground; tell whether that was possible."""
    fd = controlling()
    try:
        posix.tcsetpgrp(fd, group)
    except OSError:
        return False
    else:
        return True
    finally:
        close(fd)


def take_back(group: int) -> None:
    """Have the foreground again if this process group has it, or one that has gone: who started us is to read on."""
    fd = controlling()
    now = foreground(fd)
    try:
        if now and now != posix.getpgrp() and (now == group or is_gone(now)):
            posix.tcsetpgrp(fd, posix.getpgrp())
    except OSError:
        pass
    finally:
        close(fd)


def is_gone(group: int) -> bool:
    """Tell whether nobody is in a process group (kill(2), ESRCH)."""
    try:
        posix.kill(-group, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def leads_session() -> bool:
    """Tell whether we are who hears first that the terminal is gone."""
    try:
        return posix.getsid(0) == posix.getpid()
    except OSError:
        return False


def has_shell() -> bool:
    """Tell whether our parent could continue us: our process group is not orphaned (setpgid(2), credentials(7))."""
    parent = posix.getppid()
    try:
        return parent > 0 and posix.getsid(parent) == posix.getsid(0) and posix.getpgid(parent) != posix.getpgrp()
    except OSError:
        return False


def has_stopped_itself(group: int) -> bool:
    """Tell whether a process group has STOP from one of its own, as where an editor leaves for the shell (kill(0, 19)).

    STOP from somebody else, who may send CONT to it and not to us, is not ours to follow. Who has stopped itself is
    still in the call that did it (proc_pid_syscall(5)).
    """
    sends = SENDS.get(machine(), ())
    members = [each.pid for each in proc.processes() or () if each.group == group]
    return any((proc.read(f"/proc/{pid}/syscall") or b"").partition(b" ")[0] in sends for pid in members)


def pass_on(child: int, number: int) -> None:
    """Send a child what did not reach it otherwise, unless it has been reaped: its pid is anybody's then."""
    try:
        posix.waitid(posix.P_PID, child, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)
        posix.kill(child, number)
    except OSError:
        return


def stop(number: int) -> None:
    """Stop, with all of our process group, as the kernel would have stopped us; return when we are continued.

    The shell is told by which signal, and the rest of a pipeline is one job with us. Its CONT is swallowed: what
    is to go on then is decided here.
    """
    posix.kill(posix.getpid() if number == _signal.SIGSTOP else 0, number)
    if number != _signal.SIGSTOP:
        caught = _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {number})
        _signal.pthread_sigmask(_signal.SIG_BLOCK, {number})
        _signal.signal(number, caught)
    _signal.sigtimedwait({_signal.SIGCONT}, 0)
