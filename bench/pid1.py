"""A contestant as PID 1 of a namespace, started by a helper in C that stamps the clock right before its exec."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from bench.page import Page

#: The interpreter that runs sigroute, without the virtual environment around it.
BASE_PYTHON: str = getattr(sys, "_base_executable", "") or sys.executable

#: Seconds; supervisord takes some to start a thousand.
PATIENCE = 60.0


class NotMeasuredError(Exception):
    """A contestant did not do what was to be measured; the message says what."""


class Pid1:
    """Runs a command as PID 1, with nothing to read and nobody to read what it writes.

    :param page: the helpers in C lie beside it (native.py).
    :param watch: the launcher stamps the page when a TERM would be kept.
    """

    def __init__(
        self,
        page: Page,
        command: Sequence[str],
        cpu: int = -1,
        *,
        watch: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.page = page
        self.sender = str(page.path.with_name("sender"))
        self.words = [str(page.path.with_name("launch")), str(page.path), str(cpu), str(int(watch)), *command]
        # Without what this Python was told by the environment: that is for whoever develops, no image has it.
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.environment = {**plain, **(environment or {})}
        # A compiled sigroute looks for python3 in PATH: there, too, it is to be the one that runs the others.
        self.environment["PATH"] = f"{Path(BASE_PYTHON).parent}:{self.environment.get('PATH', '')}"

    def __enter__(self) -> Self:
        self.page.clear()
        self.process = subprocess.Popen(
            self.words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environment,
        )
        try:
            self.until(lambda: self.page["launched"] and self.page["pid"], "it was not started")
        except BaseException:
            self.process.kill()  # and with the launcher PID 1, if there is one
            self.process.wait()
            raise
        self.pid = self.page["pid"]
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # and with PID 1 all in the namespace (pid_namespaces(7))
        self.process.wait()

    def until(self, condition: Callable[[], object], otherwise: str, patience: float = PATIENCE) -> None:
        """Wait until something holds.

        :raises NotMeasuredError: PID 1 ended before, or it took too long.
        """
        deadline = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None:
                message = f"ended with {self.process.returncode}: {otherwise}"
                raise NotMeasuredError(message)
            if time.monotonic() > deadline:
                message = f"{otherwise}, for {patience:g} s"
                raise NotMeasuredError(message)
            time.sleep(0.001)

    def ready(self, children: int = 1) -> Self:
        """Wait until so many children run."""
        self.until(lambda: self.page["ready"] >= children, f"not all of {children} children run")
        return self

    def status(self, name: str, file: str = "status") -> int:
        """Return a number that /proc tells of PID 1 (proc_pid_status(5), proc_pid_smaps(5))."""
        for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)

    def signals(self, times: int, pause: int, cpu: int, children: int = 1) -> list[int]:
        """Send USR1 so many times; return the nanoseconds until the last of the children had each.

        :raises NotMeasuredError: one did not arrive.
        """
        numbers = [self.pid, cpu, times, pause, children]
        words = [self.sender, str(self.page.path), *map(str, numbers)]
        done = subprocess.run(words, check=False, stderr=subprocess.DEVNULL)
        if done.returncode:
            message = f"USR1 number {self.page['samples'] + 1} did not reach every child"
            raise NotMeasuredError(message)
        return self.page.results()

    def stop(self, patience: float) -> float:
        """Send TERM, and KILL where that is not enough, as docker stop does; return seconds until the end."""
        began = time.perf_counter()
        os.kill(self.pid, signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
        return time.perf_counter() - began
