"""The controlling terminal, where there is one on standard input."""

from __future__ import annotations

import posix

from sigroute.pid1.names import STANDARD

STDIN = 0


def lend(pid: int) -> None:
    """Give the terminal to a child's process group and continue it, if it is ours to give.

    A shell in a background group stops itself with TTIN until it is in the foreground
    (tty_ioctl(4), credentials(7)). A server never asks, so that what the terminal sends reaches
    sigroute and its rules. We have TTOU blocked, so tcsetpgrp(3) does not stop us.
    """
    try:
        if posix.tcgetpgrp(STDIN) != posix.getpgrp():
            return
        posix.tcsetpgrp(STDIN, posix.getpgid(pid))
        posix.kill(-posix.getpgid(pid), STANDARD["CONT"])
    except OSError:
        return  # no terminal, or not ours: it stays stopped, as it would under a shell
