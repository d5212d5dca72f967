"""Who sent a signal, as far as the kernel vouches for it.

The kernel vouches for ``si_pid`` only with the codes that no process can set itself: those of kill(2), of tgkill(2) and
of the kernel (rt_sigqueueinfo(2), "si_code"). With any other code the sender has written the pid: sigqueue(3) writes
the right one, but a sender that makes the system call itself can write any. And if the signal comes from a descriptor
(F_SETOWN and F_SETSIG, fcntl(2)), another field is in that place.
"""

from __future__ import annotations

from sigroute.pid1.kernel.options import TTY_SIGNALS
from sigroute.pid1.kernel.terminal import HUNG_UP

#: si_code (sigaction(2)): sent by kill(2), by tgkill(2), by the kernel, and by sigqueue(3) with a value.
SI_USER, SI_TKILL, SI_KERNEL, SI_QUEUE = 0, -6, 0x80, -1

#: The signals of a terminal. The kernel also sends IO and URG for descriptors, but any process may have caused these.
OF_TERMINAL = TTY_SIGNALS | HUNG_UP

#: The signal by which descriptors tell: SIGRTMAX (notices.py). The watch in C knows it as well (runtime/src/origin.c).
NOTICE = 64


def is_from(me: int, code: int, pid: int) -> bool:
    """Tell whether a signal was sent by the process with pid ``me``; no other process can forge this."""
    return pid == me and code in (SI_USER, SI_TKILL)


def sender(number: int, code: int, pid: int, parent: int) -> str:
    """Return the sender of a signal, one of ``plan.SENDERS``; a sender that may be forged counts as ``inside``.

    :param parent: sigroute's parent: if sigroute is not PID 1, the platform signals it through that process.
    """
    if code == SI_KERNEL:
        return "tty" if number in OF_TERMINAL else "inside"
    # A sender in another pid namespace has pid 0 here (pid_namespaces(7), "sending signals").
    return "outside" if code in (SI_USER, SI_TKILL) and pid in (0, parent) else "inside"
