"""Waiting: the one place where the demo can be interrupted, so that it always cleans up."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from sigroute.demo.trouble import Trouble

if TYPE_CHECKING:
    import selectors
    from collections.abc import Callable

#: What ends the demo: Ctrl-C, and others who want it to end.
ENDINGS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

#: Seconds between two looks at what can't be waited for: zombies, and the signals above.
TICK = 0.05

#: Seconds that anything may take before the demo gives up, on the slowest of machines.
PATIENCE = 25.0


class Interrupted(Exception):  # noqa: N818 - nothing went wrong
    """The demo is to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def hold() -> None:
    """Block what ends the demo, from now on: it is looked for while waiting."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)


def until(selector: selectors.BaseSelector, condition: Callable[[], bool], failure: str) -> None:
    """Take what comes in, until the condition holds.

    :raises Trouble: it never does.
    :raises Interrupted: the demo is to end before.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        for number in signal.sigpending().intersection(ENDINGS):
            if signal.getsignal(number) != signal.SIG_IGN:  # as nohup(1) wants it: blocked, it pends all the same
                raise Interrupted(number)
        if time.monotonic() > deadline:
            text = f"cannot go on: {failure} within {PATIENCE:g} s"
            raise Trouble(text)
        for key, _ in selector.select(TICK):
            key.data()
