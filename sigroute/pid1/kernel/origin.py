"""Who sent a signal, as far as the kernel vouches for it.

``si_pid`` is the kernel's word only with the codes that nobody else may set: of kill(2), of tgkill(2), of the kernel
itself (rt_sigqueueinfo(2), "si_code"). With any other it is what the sender says: by sigqueue(3) its own pid, but
whoever makes the call itself writes there what it likes. And of a descriptor that was made to signal us (F_SETOWN and
F_SETSIG, fcntl(2)) there is another field in its place.
"""

from __future__ import annotations

from sigroute.pid1.kernel.options import TTY_SIGNALS
from sigroute.pid1.kernel.terminal import HUNG_UP

#: si_code (sigaction(2)): sent by kill(2), by tgkill(2), by the kernel, with a value by sigqueue(3).
SI_USER, SI_TKILL, SI_KERNEL, SI_QUEUE = 0, -6, 0x80, -1

#: What a terminal sends; of other signals the kernel sends IO and URG for descriptors, which anybody may have done.
OF_TERMINAL = TTY_SIGNALS | HUNG_UP


def is_from(me: int, code: int, pid: int) -> bool:
    """Tell whether a signal was sent by this process: nobody else can say so."""
    return pid == me and code in (SI_USER, SI_TKILL)


def sender(number: int, code: int, pid: int, parent: int) -> str:
    """Return who sent a signal, one of ``plan.SENDERS``: whoever may have forged that is ``inside``.

    :param parent: our parent, who speaks for the platform where we are not PID 1.
    """
    if code == SI_KERNEL:
        return "tty" if number in OF_TERMINAL else "inside"
    # A sender in another pid namespace has pid 0 here (pid_namespaces(7), "sending signals").
    return "outside" if code in (SI_USER, SI_TKILL) and pid in (0, parent) else "inside"
