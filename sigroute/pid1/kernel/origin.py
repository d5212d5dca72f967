"""Who sent a signal, as far as that cannot be forged.

The kernel itself fills in ``si_pid`` only for kill(2), tgkill(2) and its own signals. Nobody else may use their codes
(rt_sigqueueinfo(2), "si_code"). With any other code the sender chooses the pid: sigqueue(3) takes its own, a direct
call takes any. Signals of a descriptor (F_SETOWN and F_SETSIG, fcntl(2)) have another field in this place.
"""

from __future__ import annotations

from sigroute.pid1.kernel.options import TTY_SIGNALS
from sigroute.pid1.kernel.terminal import HUNG_UP

#: si_code (sigaction(2)): sent by kill(2), by tgkill(2), by the kernel, with a value by sigqueue(3).
SI_USER, SI_TKILL, SI_KERNEL, SI_QUEUE = 0, -6, 0x80, -1

#: What a terminal sends; of other signals the kernel sends IO and URG for descriptors, which anybody may have done.
OF_TERMINAL = TTY_SIGNALS | HUNG_UP


def is_from(me: int, code: int, pid: int) -> bool:
    """Return whether this process itself sent a signal. Nobody can forge that."""
    return pid == me and code in (SI_USER, SI_TKILL)


def sender(number: int, code: int, pid: int, parent: int) -> str:
    """Return who sent a signal, one of ``plan.SENDERS``. A sender that may be forged counts as ``inside``.

    :param parent: our parent, who speaks for the platform where we are not PID 1.
    """
    if code == SI_KERNEL:
        return "tty" if number in OF_TERMINAL else "inside"
    # A sender in another pid namespace has pid 0 here (pid_namespaces(7), "sending signals").
    return "outside" if code in (SI_USER, SI_TKILL) and pid in (0, parent) else "inside"
