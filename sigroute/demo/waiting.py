"""Waiting: only here can a signal interrupt the demo, so that it always cleans up."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from sigroute.demo.trouble import Trouble

if TYPE_CHECKING:
    import selectors
    from collections.abc import Callable

#: The signals that end the demo: Ctrl-C sends INT.
ENDINGS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)

#: Seconds between two polls for conditions that have no descriptor: zombies, and the signals above.
TICK = 0.05

#: Seconds that anything may take before the demo gives up, on the slowest of machines.
PATIENCE = 25.0


class Interrupted(Exception):  # noqa: N818 - this is no error
    """A signal asks the demo to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def hold() -> None:
    """Block the signals that end the demo from now on: ``until`` polls for them."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)


def until(selector: selectors.BaseSelector, condition: Callable[[], bool], failure: str) -> None:
    """Read from all pipes and connections until the condition holds.

    :raises Trouble: the condition does not hold within PATIENCE.
    :raises Interrupted: a signal asks the demo to end.
    """
    deadline = time.monotonic() + PATIENCE
    while not condition():
        for number in signal.sigpending().intersection(ENDINGS):
            if signal.getsignal(number) != signal.SIG_IGN:  # nohup(1) ignores HUP; a blocked one is pending even so
                raise Interrupted(number)
        if time.monotonic() > deadline:
            text = f"cannot go on: {failure} within {PATIENCE:g} s"
            raise Trouble(text)
        for key, _ in selector.select(TICK):
            key.data()
