"""One life of a static init as PID 1. Its Python is needed, and may not come up."""

from __future__ import annotations

import os
import re
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.real.container import Container, children
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

#: The stop has a deadline, so it needs the engine.
RULES = """
[on]
stop = "QUIT 100s KILL"
USR1 = "USR2"
"""

#: What the child may write, and what it writes in a life without a fault.
WORDS = {"READY", "QUIT", "TERM", "USR2", "SEGV", "PROF"}
EXPECTED = ["READY", "QUIT", "USR2"]

#: What PID 1 says if it goes on without Python.
WITHOUT = "from now on it only sends first signals and reaps"


@dataclass
class Scene:
    """An init and its child, and a folder for what they write."""

    folder: Path
    init: Path
    child: Path


@dataclass
class Life:
    """What became of it."""

    code: int
    log: str
    got: list[str] = field(default_factory=list)

    @property
    def reasons(self) -> list[str]:
        """Why it went on without Python; nothing, if it did not."""
        return re.findall(rf" sigroute: error: an error of sigroute's own \((.*)\): {WITHOUT}", self.log)

    def faults(self, expected: Sequence[str] = tuple(EXPECTED)) -> list[str]:
        """Return what is wrong with it."""
        found = [] if self.got == [*expected] else [f"the child got {self.got}"]
        found += [f"exit code {self.code}"] * (self.code != 7)
        found += ["it was said more than once"] * (len(self.reasons) > 1)
        return [f"{fault}: {self.log}" for fault in found]


def live(
    scene: Scene,
    shape: Callable[[int], object] = id,
    meanwhile: Callable[[int], object] = id,
    before: Sequence[str] = (),
    expected: Sequence[str] = tuple(EXPECTED),
) -> Life:
    """Stop an init, which leaves its child alive; then see whether it routes, reaps, and ends with the child's code.

    :param shape: is called with its pid before the stop.
    :param meanwhile: the same when the stop is sent.
    :param before: a command that runs it.
    """
    with Container(scene.folder, [*before, str(scene.init), str(scene.child)]) as container:
        *first, last = expected

        def has(words: Sequence[str]) -> bool:
            return len(got(container)) >= len(words) or not container.running()

        until(lambda: has(expected[:1]), "the child is ready")
        shape(container.pid)
        container.send(signal.SIGTERM)
        meanwhile(container.pid)
        until(lambda: has(first), f"the child gets {first}")
        if container.running():
            container.send(signal.SIGUSR1)
            until(lambda: has([*first, last]), "the child gets another signal")
            until(lambda: len(children(container.pid)) <= 1, "the orphan is reaped")
            for pid in children(container.pid):
                os.kill(pid, signal.SIGHUP)
        return Life(container.wait(), container.log(), got(container))


def got(container: Container) -> list[str]:
    """Return what the child has written."""
    return [line for line in container.log().splitlines() if line in WORDS]
