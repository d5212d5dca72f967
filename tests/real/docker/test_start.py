"""A stop that arrives while Python itself is still starting: why the ENTRYPOINT begins with ``env --block-signal``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import docker
from .test_nginx_stop import traffic
from .waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run
    from .traffic import Traffic

__all__ = ["traffic"]

#: Python runs this line when it starts, long before sigroute's first instruction: its start takes as long as we want.
SLOW = (
    "import os, time; os.mkdir('/shared/starting'); "
    "exec(\"while not os.path.exists('/shared/go'):\\n    time.sleep(0.01)\")\n"
)


@pytest.fixture
def slow_python(nginx: str, shared: Path) -> list[str]:
    """What ``docker run`` needs for a Python that starts slowly."""
    (shared / "slow.pth").write_text(SLOW)
    where = docker("run", "--rm", "--network=none", "--entrypoint=find", nginx, "/opt/sigroute", "-name", "tomli")
    return [f"--volume={shared}/slow.pth:{where.stdout.strip().removesuffix('/tomli')}/slow.pth:ro"]


def test_it_is_not_lost(nginx: str, run: Run, traffic: Traffic, slow_python: list[str]) -> None:
    container = run(nginx, *slow_python, *traffic.options())
    eventually((traffic.folder / "starting").exists, "Python is starting")
    container.kill("TERM")
    (traffic.folder / "go").touch()
    assert container.wait() == 143


def test_without_env_the_kernel_drops_it(nginx: str, run: Run, traffic: Traffic, slow_python: list[str]) -> None:
    container = run(
        nginx, "--entrypoint=/opt/sigroute/bin/sigroute", *slow_python, *traffic.options(),
        command=["--rules=nginx", "--", "/docker-entrypoint.sh", "nginx", "-g", "daemon off;"],
    )  # fmt: skip
    eventually((traffic.folder / "starting").exists, "Python is starting")
    container.kill("TERM")
    (traffic.folder / "go").touch()
    traffic.wait_until_up(container)  # nothing was left of it: what should have been stopped runs
    assert container.is_running()
