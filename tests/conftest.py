"""What all tests share: the signals they begin with."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Have INT and QUIT at their defaults, here and in what is started.

    A shell ignores them for what it runs in the background (POSIX, sh, "Asynchronous Lists"), and exec keeps that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGQUIT) == signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
