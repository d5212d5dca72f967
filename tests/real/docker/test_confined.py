"""Containers with less: nothing that routing needs may be among what was taken away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .database import READY, query, restart, was_clean
from .test_nginx_stop import traffic
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Run
    from .traffic import Traffic

__all__ = ["traffic"]

READ_ONLY = ["--read-only"]
NOTHING = ["--cap-drop=ALL", "--security-opt=no-new-privileges"]
ANYBODY = ["--user=12345:12345"]
SMALL = ["--memory=32m", "--memory-swap=32m", "--pids-limit=30"]

#: What nginx itself needs, with or without sigroute: folders it can write to, and to become its user.
FOLDERS = ["--tmpfs=/run", "--tmpfs=/var/cache/nginx", "--tmpfs=/tmp"]
BECOME = ["--cap-add=CHOWN", "--cap-add=SETGID", "--cap-add=SETUID"]

#: What the entrypoint of postgres needs as root.
CHANGE = [*BECOME, "--cap-add=DAC_OVERRIDE", "--cap-add=FOWNER"]
SOCKET = ["--tmpfs=/run/postgresql:mode=1777", "--tmpfs=/tmp"]


CONF = Path(__file__).parent / "bases" / "nginx" / "nginx.conf"


@pytest.mark.parametrize(
    "less",
    [
        pytest.param([*READ_ONLY, *FOLDERS], id="read-only"),
        pytest.param(ANYBODY, id="user"),
        pytest.param([*NOTHING, *BECOME], id="no capability"),
        pytest.param(SMALL, id="32m"),
        pytest.param([*READ_ONLY, *ANYBODY, *NOTHING, *SMALL, *FOLDERS], id="all of it"),
    ],
)
def test_nginx(nginx: str, run: Run, traffic: Traffic, less: list[str]) -> None:
    conf = traffic.folder / "nginx.conf"  # what it writes goes to /tmp, as who is not root must do
    conf.write_text(CONF.read_text().replace("/run/", "/tmp/").replace("/var/cache/nginx/", "/tmp/"))
    unprivileged = [f"--volume={conf}:/etc/nginx/nginx.conf:ro"] if set(ANYBODY) <= set(less) else []
    container = run(nginx, *less, *unprivileged, *traffic.options())
    traffic.wait_until_up(container)
    traffic.begin(3)
    container.kill("HUP")
    container.wait_for("reconfiguring")
    eventually(traffic.is_fast, "nginx answers after the reload")
    container.kill("TERM")
    container.wait_for("gracefully shutting down")
    eventually(lambda: not traffic.is_fast(), "new requests are refused")
    answers = traffic.finish()
    assert container.wait() == 0
    assert [answer.endswith(b"slow\n") for answer in answers] == [True] * 3
    log = container.logs()
    assert not [line for line in log.splitlines() if "sigroute: warning" in line or "sigroute: error" in line], log


@pytest.mark.parametrize(
    ("less", "owner"),
    [
        pytest.param([*READ_ONLY, *SOCKET], None, id="read-only"),
        pytest.param([*ANYBODY, *SOCKET], 12345, id="user"),
        pytest.param([*NOTHING, *CHANGE, "--cap-add=KILL"], None, id="no capability"),
        pytest.param([*NOTHING, "--user=postgres"], None, id="no capability, not root"),
        pytest.param(SMALL, None, id="32m"),
        pytest.param([*READ_ONLY, *ANYBODY, *NOTHING, *SMALL, *SOCKET], 12345, id="all of it"),
    ],
)
def test_postgres(
    postgres: str, run: Run, database: Callable[..., list[str]], less: list[str], owner: int | None
) -> None:
    container = run(postgres, *less, *database(owner))
    container.wait_for(READY)
    container.kill("HUP")
    container.wait_for("reloading configuration files")
    assert query(container, "select 1") == "1"
    assert container.stop() < 5
    assert container.wait() == 0
    log = restart(container)
    assert was_clean(log)
    assert not [line for line in log.splitlines() if "sigroute: warning" in line or "sigroute: error" in line], log


def test_the_memory_limit_is_real(nginx: str, run: Run, traffic: Traffic) -> None:
    container = run(nginx, *SMALL, *traffic.options())
    traffic.wait_until_up(container)
    done = container.exec("sh", "-c", "head -c 64M /dev/zero | tail", check=False)
    assert done.returncode == 137
    traffic.wait_until_up(container)  # once the kernel has the memory of what it has killed: its reaper takes a while
    assert container.stop() < 5
    assert container.wait() == 0


def test_another_users_server_without_the_right_to_signal_it(
    postgres: str, run: Run, database: Callable[..., list[str]]
) -> None:
    container = run(postgres, *NOTHING, *CHANGE, *database())
    container.wait_for(READY)
    container.kill("TERM")
    container.wait_for("error: cannot send INT to postgres")
    container.kill("HUP")
    log = container.wait_for("cannot send HUP to postgres")  # it goes on routing
    assert log.count("Operation not permitted") == 2
    assert query(container, "select 1") == "1"


@pytest.mark.parametrize("image", ["nginx", "postgres"])
def test_under_another_init(request: pytest.FixtureRequest, run: Run, image: str) -> None:
    options = request.getfixturevalue("database")() if image == "postgres" else []
    container = run(request.getfixturevalue(image), "--init", *options)
    container.wait_for(READY if image == "postgres" else "start worker processes")
    container.exec("sh", "-c", "(sleep 0.1 &)")
    assert container.stop() < 5
    assert container.wait() == 0
    assert container.logs().count("not PID 1: orphans are adopted as a subreaper") == 1
