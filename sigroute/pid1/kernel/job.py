"""The system calls of job control: inspect sigroute's job, give the foreground away, stop, take the foreground back.

engine/jobs.py decides when they are made, and has the theory.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.effects import NOBODY, InspectJob, Lend, StopSelf
from sigroute.pid1.engine.events import CHILDS, GONE, OTHERS, OURS, Job, JobInspected, Resumed
from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel.machine import machine
from sigroute.pid1.kernel.mask import caught
from sigroute.pid1.kernel.start import NONE
from sigroute.pid1.kernel.terminal import close, controlling, foreground, group_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal

    from sigroute.pid1.engine.events import Event
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: kill(2), tkill(2), tgkill(2), by machine (syscalls(2), uname(2)).
SENDS = {"x86_64": (b"62", b"200", b"234"), "aarch64": (b"129", b"130", b"131")}


def perform(effect: InspectJob | Lend | StopSelf) -> Event | None:
    """Perform an effect of job control; return the event that answers it, if any."""
    if isinstance(effect, StopSelf):
        return stop_self(effect)
    group = group_of(effect.pid)
    if isinstance(effect, Lend):
        lent = lend(group)
        if not effect.signal:
            return None
        now = Job(terminal=True, foreground=CHILDS if lent else OTHERS, shell=has_shell())
        return JobInspected(child=effect.child, signal=effect.signal, job=now)
    now = seen(group)
    by_itself = effect.signal != _signal.SIGSTOP or (now.terminal and has_stopped_itself(group))
    return JobInspected(child=effect.child, signal=effect.signal, job=now, by_itself=by_itself)


def stop_self(effect: StopSelf) -> Event | None:
    """Stop sigroute, alone or together with a child."""
    if effect.child == NOBODY:
        posix.kill(posix.getpid(), _signal.SIGSTOP)
        return None
    stop(effect.signal)
    group = group_of(effect.pid)
    return Resumed(child=effect.child, job=seen(group), shares=group == posix.getpgrp())


def seen(group: int) -> Job:
    """Return what the kernel tells of sigroute's job.

    :param group: the process group of the child.
    """
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
    """Take the foreground from this process group or from an empty one: whoever started sigroute must read again."""
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
    """Tell whether a process group is empty (kill(2), ESRCH)."""
    try:
        posix.kill(-group, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def has_shell() -> bool:
    """Tell whether sigroute's parent can continue it: its group is not orphaned (setpgid(2), credentials(7))."""
    parent = posix.getppid()
    try:
        return parent > 0 and posix.getsid(parent) == posix.getsid(0) and posix.getpgid(parent) != posix.getpgrp()
    except OSError:
        return False


def has_stopped_itself(group: int) -> bool:
    """Tell whether a member of a stopped process group has sent it STOP, as some editors do to return to the shell.

    A process that has stopped itself is still in that system call (proc_pid_syscall(5)). A sender from outside the
    group may later send CONT to the child only, so sigroute must not stop because of its STOP.
    """
    sends = SENDS.get(machine(), ())
    members = [each.pid for each in proc.processes() or () if each.group == group]
    return any((proc.read(f"/proc/{pid}/syscall") or b"").partition(b" ")[0] in sends for pid in members)


def pass_on(child: int, number: int) -> None:
    """Send a signal to a child that has left its group, unless it was reaped: another process may have its pid then."""
    try:
        posix.waitid(posix.P_PID, child, posix.WEXITED | posix.WNOHANG | posix.WNOWAIT)
        posix.kill(child, number)
    except OSError:
        return


def stop(number: int) -> None:
    """Stop sigroute by this signal; return when it is continued.

    The shell learns which signal it was. All but STOP go to the whole process group, as from the terminal: the rest of
    a pipeline is the same job. The CONT is discarded, as the engine decides which processes go on.
    """
    posix.kill(posix.getpid() if number == _signal.SIGSTOP else 0, number)
    if number != _signal.SIGSTOP:
        before = _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_UNBLOCK, {number})
        _signal.pthread_sigmask(_signal.SIG_BLOCK, {number})
        _signal.signal(number, caught if before is None else before)  # None: the watch has set it, in C (signal.signal)
    _signal.sigtimedwait({_signal.SIGCONT}, 0)
