"""All scenes at the same time: they are started, get requests, are stopped, and are watched until they end."""

from __future__ import annotations

import selectors
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.demo.act import ACTS, PROGRAMS, REQUESTS, Act
from sigroute.demo.scene import Scene
from sigroute.demo.waiting import until

if TYPE_CHECKING:
    from sigroute.demo.way import Way

#: The code that runs the sigroute that the demo is part of, wherever it is installed.
BOOT = "import sys; sys.path[:] = {path!r}; from sigroute.start import main; sys.exit(main())"


def forwarder(act: Act) -> list[str]:
    """Return the command line of the plain forwarder."""
    return [sys.executable, "-I", "-S", str(PROGRAMS / "forwarder.py"), "sh", act.script]


def sigroute(act: Act) -> list[str]:
    """Return the command line of sigroute with the act's rules."""
    boot = BOOT.format(path=[str(Path(folder).absolute()) for folder in sys.path])
    command = ("--", *act.command) if act.command else ()
    return [sys.executable, "-c", boot, "--rules", act.rules, "--log", "json", *command]


def run(way: Way) -> list[tuple[Scene, Scene]]:
    """Run both sides of each act; return them when all their processes have ended.

    :raises Trouble: that is not possible.
    :raises Interrupted: a signal asks the demo to end.
    """
    with selectors.DefaultSelector() as selector, ExitStack() as stack:
        scenes = [
            stack.enter_context(Scene(way, command(act), act.programs, selector))
            for act in ACTS
            for command in (forwarder, sigroute)
        ]
        until(selector, lambda: all(scene.ready() for scene in scenes), "the demo's programs do not start")
        for scene in scenes:
            scene.ask(REQUESTS)
        until(selector, lambda: all(scene.busy() for scene in scenes), "the demo's servers do not answer")
        for scene in scenes:
            scene.stop()
        until(selector, lambda: all(scene.over() for scene in scenes), "the stop does not end")
        return list(zip(scenes[::2], scenes[1::2], strict=True))
