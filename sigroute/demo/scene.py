"""One side of a stop: an init with its programs below it, and the requests to the server."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self, cast

from sigroute.demo.act import PROGRAMS
from sigroute.demo.clients import Load
from sigroute.demo.lines import Lines
from sigroute.demo.trouble import Trouble
from sigroute.demo.way import end, within

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from io import RawIOBase

    from sigroute.demo.lines import Line
    from sigroute.demo.way import Way


class Scene:
    """Runs an init until it ends, or until the demo ends."""

    def __init__(
        self, way: Way, command: list[str], programs: AbstractSet[str], selector: selectors.BaseSelector
    ) -> None:
        self.way = way
        self.command = command
        self.programs = programs
        self.selector = selector
        self.load: Load | None = None
        #: When TERM was sent: by the monotonic clock, and by the wall clock.
        self.stopped, self.stopped_on_wall = 0.0, 0.0

    def __enter__(self) -> Self:
        reader, writer = os.pipe()
        status = os.fdopen(reader, "rb", buffering=0)
        try:
            self.process = subprocess.Popen(  # noqa: S603 - our own program
                within(self.way, writer, self.command),
                bufsize=0,
                cwd=PROGRAMS,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=[writer],
                start_new_session=True,  # Ctrl-C is for the demo, and not for the programs that it runs
            )
        except BaseException:
            status.close()
            raise
        finally:
            os.close(writer)
        #: The lines of namespace.py, of the programs, and of the init.
        self.place = Lines(status)
        self.told = Lines(cast("RawIOBase", self.process.stdout))
        self.init = Lines(cast("RawIOBase", self.process.stderr))
        for lines in self.pipes():
            self.selector.register(lines.file, selectors.EVENT_READ, partial(self.hear, lines))
        return self

    def __exit__(self, *_: object) -> None:
        end(self.process)
        for lines in self.pipes():
            lines.file.close()
        if self.load is not None:
            self.load.close()

    def pipes(self) -> tuple[Lines, Lines, Lines]:
        """Return the lines of the three pipes."""
        return self.place, self.told, self.init

    def hear(self, lines: Lines) -> None:
        """Read lines from a pipe; stop watching it at its end."""
        lines.read()
        if lines.over:
            self.selector.unregister(lines.file)

    @property
    def pid(self) -> int:
        """The init's pid in the demo's own pid namespace."""
        started = self.place.first("started")
        if started is None:
            text = f"cannot start: {self.why()}"
            raise Trouble(text)
        return int(started["pid"])

    def why(self) -> str:
        """Return what was said about the failure."""
        cannot = self.place.first("cannot")
        said = [cannot["reason"]] if cannot else self.init.other
        return "\n".join(said) or "it ended without a word"

    def environment(self) -> dict[str, str]:
        """Return the programs' environment: `python3` is this Python, and each scene has a database of its own."""
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
        return dict(os.environ, PATH=path, DEMO=f"-{os.getpid()}-{id(self)}")

    def ready(self) -> bool:
        """Tell whether every program is ready."""
        self.must_run()
        return self.readiness().keys() == self.programs

    def readiness(self) -> dict[str, Line]:
        """Return, by program, the line that tells that it is ready."""
        return {line["program"]: line for line in self.told.told if line["event"] == "ready"}

    def ask(self, number: int) -> None:
        """Send the server this number of requests."""
        self.load = Load(self.selector)
        self.load.start(self.readiness()["server"]["port"], number)

    def must_run(self) -> None:
        """Make sure that the init still runs: nobody has asked it to end.

        :raises Trouble: the init has ended.
        """
        if self.place.over:
            text = f"cannot run the demo's server: {self.why()}"
            raise Trouble(text)

    def busy(self) -> bool:
        """Tell whether the server works on all requests (or, on a very slow machine, has finished some)."""
        self.must_run()
        return self.load is not None and all(request.begun for request in self.load.requests)

    def stop(self) -> None:
        """Send TERM to the init, as a platform does to end a container."""
        self.stopped, self.stopped_on_wall = time.monotonic(), time.time()
        os.kill(self.pid, signal.SIGTERM)

    def over(self) -> bool:
        """Tell whether everything has ended: no process holds a pipe any more, and no request is open."""
        return all(lines.over for lines in self.pipes()) and self.load is not None and self.load.over()

    def ends(self) -> list[tuple[float, bool]]:
        """Return when each request ended, and whether it was answered."""
        requests = self.load.requests if self.load else []
        return [(request.ended, request.whole) for request in requests if request.ended is not None]
