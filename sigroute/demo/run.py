"""The two sides of the demo at the same time: started, given requests, stopped, watched to the end."""

from __future__ import annotations

import selectors
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.demo.scene import Scene
from sigroute.demo.waiting import until
from sigroute.demo.way import HERE, bare

if TYPE_CHECKING:
    from sigroute.demo.way import Way

REQUESTS = 30
ORPHANS = 12

RULES = HERE / "demo.toml"

#: What runs this very sigroute, wherever the demo was found.
BOOT = "import sys; sys.path[:] = {path!r}; from sigroute.start import main; sys.exit(main())"


def forwarder() -> list[str]:
    """Return the command line of the plain forwarder."""
    return [*bare("forwarder.py"), *bare("server.py", str(ORPHANS))]


def sigroute() -> list[str]:
    """Return the command line of sigroute with the demo's rules."""
    boot = BOOT.format(path=[str(Path(folder).absolute()) for folder in sys.path])
    command = bare("server.py", str(ORPHANS))
    return [sys.executable, "-c", boot, "--rules", str(RULES), "--log", "json", "--", *command]


def run(way: Way) -> tuple[Scene, Scene]:
    """Let both sides happen; return them when nothing of them runs any more.

    :raises Trouble: it can't be done.
    :raises Interrupted: the demo is to end before.
    """
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        left = stack.enter_context(Scene(way, forwarder(), selector))
        right = stack.enter_context(Scene(way, sigroute(), selector))
        both = (left, right)
        until(selector, lambda: all(scene.ready() for scene in both), "the demo's servers do not start")
        for scene in both:
            scene.ask(REQUESTS)
        until(selector, lambda: all(scene.busy() for scene in both), "the demo's servers do not answer")
        for scene in both:
            scene.stop()
        until(selector, lambda: left.over() & right.over(), "the stop does not end")  # both count, each time
        return both
