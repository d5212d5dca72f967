"""sigroute as anybody's child: a subreaper, with the rules of a test and a log in JSON."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from tests.real.container import SIGROUTE
from tests.real.programs import is_ready, recorder
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


class Supervised:
    """Runs sigroute with these rules; ``{name}`` in them stands for a child that writes down what it gets."""

    def __init__(
        self,
        folder: Path,
        rules: str,
        *command: str,
        ends: dict[str, str] | None = None,
        prefix: Sequence[str] = (),
        before: Callable[[], None] | None = None,
        **options: Any,
    ) -> None:
        self.folder, self.ends = folder, ends or {}
        self.recorders: list[str] = []
        file = folder / "rules.toml"
        file.write_text(self._filled_in(rules))
        self.log_path = folder / "log"
        self.before, self.options = before, options
        self.command = [
            *prefix,
            *SIGROUTE,
            "--rules",
            str(file),
            "--log",
            "json",
            "--log-level",
            "debug",
            "--",
            *command,
        ]

    def _filled_in(self, rules: str) -> str:
        for line in rules.splitlines():
            if line.startswith("command = {"):
                name = line.removeprefix("command = {").removesuffix("}")
                self.recorders.append(name)
                argv = recorder(self.path(name), self.ends.get(name, "TERM=0 QUIT=0"))
                rules = rules.replace(line, f"command = {json.dumps(argv)}")
        return rules

    def __enter__(self) -> Self:
        for name in self.recorders:
            self.path(name).unlink(missing_ok=True)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stderr=log,
                preexec_fn=self.before,  # noqa: PLW1509 - what a parent may leave to its child: masks, limits, users
                **self.options,
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            for line in self.log():
                if line["event"] == "started":
                    self._kill(line["pid"])
            self.process.kill()
        self.process.wait()

    def _kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def path(self, name: str) -> Path:
        """Return where a recorder writes."""
        return self.folder / f"{name}.got"

    def ready(self) -> Self:
        """Wait until every recorder is ready."""
        until(lambda: is_ready(self.path(name) for name in self.recorders), "every child is ready")
        return self

    def send(self, *numbers: int) -> int:
        """Send sigroute signals; return when (ms)."""
        now = time.monotonic_ns() // 1_000_000
        for number in numbers:
            os.kill(self.process.pid, number)
        return now

    def wait(self) -> int:
        """Wait for the end; return the exit code."""
        return self.process.wait(PATIENCE)

    def log(self) -> list[dict[str, Any]]:
        """Return the lines of the log."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines() if line.endswith("}")]

    def events(self, child: str | None = None) -> list[str]:
        """Return the names of the lines of the log, of one child if named."""
        return [line["event"] for line in self.log() if child is None or line.get("child") == child]

    def said(self, event: str, **fields: Any) -> dict[str, Any]:
        """Wait for a line of the log; return it."""
        found: list[dict[str, Any]] = []

        def look() -> bool:
            found[:] = [line for line in self.log() if line["event"] == event and fields.items() <= line.items()]
            return bool(found)

        until(look, f"the log tells of {event} {fields}")
        return found[0]
