"""All that is shown, at the same time: started, given requests, stopped, watched to the end."""

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

#: What runs this very sigroute, wherever the demo was found.
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
    """Let both sides of each act happen; return them when nothing of them runs any more.

    :raises Trouble: it can't be done.
    :raises Interrupted: the demo is to end before.
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
