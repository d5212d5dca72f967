"""A contestant as PID 1 of a namespace. A helper in C starts it, and stamps the time right before its exec."""

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

#: The most seconds to wait for anything: supervisord needs many to start a thousand children.
PATIENCE = 60.0


class NotMeasuredError(Exception):
    """A contestant has not done what the measure needs; the message says what."""


class Pid1:
    """Runs a command as PID 1; its standard streams are /dev/null.

    :param page: its folder has the helpers in C, too (native.py).
    :param cpu: the CPU to pin it to; -1: any.
    :param watch: the launcher stamps the page as soon as a TERM would be kept.
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
        # Without PYTHON... variables: developers set these, and no image has them.
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.environment = {**plain, **(environment or {})}
        # A compiled sigroute finds python3 in PATH: that must be the same Python that runs the others.
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
            self.process.kill()  # PID 1, if there is one, ends with its launcher
            self.process.wait()
            raise
        self.pid = self.page["pid"]
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)  # everything in the namespace ends with PID 1 (pid_namespaces(7))
        self.process.wait()

    def until(self, condition: Callable[[], object], otherwise: str, patience: float = PATIENCE) -> None:
        """Wait until a condition holds.

        :param otherwise: the message if it does not.
        :raises NotMeasuredError: PID 1 has ended, or the wait has taken too long.
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
        """Wait until this many children run."""
        self.until(lambda: self.page["ready"] >= children, f"not all of {children} children run")
        return self

    def status(self, name: str, file: str = "status") -> int:
        """Return a number about PID 1 from a file in /proc (proc_pid_status(5), proc_pid_smaps(5))."""
        for line in Path(f"/proc/{self.pid}/{file}").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
        raise KeyError(name)

    def signals(self, times: int, pause: int, cpu: int, children: int = 1) -> list[int]:
        """Send USR1 this many times; return, for each, the nanoseconds until the last of the children had it.

        :param pause: microseconds between two signals.
        :raises NotMeasuredError: a signal did not arrive.
        """
        numbers = [self.pid, cpu, times, pause, children]
        words = [self.sender, str(self.page.path), *map(str, numbers)]
        done = subprocess.run(words, check=False, stderr=subprocess.DEVNULL)
        if done.returncode:
            message = f"USR1 number {self.page['samples'] + 1} did not reach every child"
            raise NotMeasuredError(message)
        return self.page.results()

    def stop(self, patience: float) -> float:
        """Send TERM, and KILL after ``patience`` seconds, as docker stop does; return the seconds until the end."""
        began = time.perf_counter()
        os.kill(self.pid, signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait()
        return time.perf_counter() - began
