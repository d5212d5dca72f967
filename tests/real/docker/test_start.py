"""A stop that arrives while Python itself is still starting: why a script begins with ``env --block-signal``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import ask
from .images import START, another_init, with_python
from .test_nginx_stop import traffic
from .waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run
    from .traffic import Traffic

__all__ = ["traffic"]

#: Python runs this when it starts, long before the init's first instruction: its start takes as long as we want.
SLOW = """
import posix, time
posix.mkdir("/shared/starting")
while "go" not in posix.listdir("/shared"):
    time.sleep(0.01)
"""


@pytest.fixture(name="nginx")
def _nginx() -> str:
    return with_python("nginx")


@pytest.fixture
def slow_python(nginx: str, shared: Path) -> list[str]:
    """What ``docker run`` needs for a Python that starts slowly."""
    text = ask(nginx, "python3", "-c", "print(open(__import__('encodings').__file__).read())")
    module = ask(nginx, "python3", "-c", "print(__import__('encodings').__file__)").strip()
    (shared / "slow.py").write_text(text + SLOW)
    return [f"--volume={shared}/slow.py:{module}:ro"]


def test_it_is_not_lost(nginx: str, run: Run, traffic: Traffic, slow_python: list[str]) -> None:
    script = traffic.folder / "10-slow.sh"  # nginx may not begin before the stop is seen
    script.write_text("#!/bin/sh\nsleep 600\n")
    script.chmod(0o755)
    script_there = f"--volume={script}:/docker-entrypoint.d/10-slow.sh:ro"
    init = another_init(traffic.folder, "nginx", "--python")
    container = run(nginx, *init, *slow_python, script_there, *traffic.options(), command=START["nginx"])
    eventually((traffic.folder / "starting").exists, "Python is starting")
    container.kill("TERM")
    (traffic.folder / "go").touch()
    assert container.wait() == 143


def test_without_env_the_kernel_drops_it(nginx: str, run: Run, traffic: Traffic, slow_python: list[str]) -> None:
    init = another_init(traffic.folder, "nginx", "--python", "--shebang=/usr/bin/python3")
    container = run(nginx, *init, *slow_python, *traffic.options(), command=START["nginx"])
    eventually((traffic.folder / "starting").exists, "Python is starting")
    container.kill("TERM")
    (traffic.folder / "go").touch()
    traffic.wait_until_up(container)  # nothing was left of it: what should have been stopped runs
    assert container.is_running()
