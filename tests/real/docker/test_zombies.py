"""Probes that leave orphans behind, as health checks do: no zombie stays, and none delays a stop."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .database import READY
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from .client import Container
    from .conftest import Run

#: Three that outlive their parent, and end at different times.
PROBE = "for pause in 0 0.1 0.3; do (sleep $pause & ) ; done; exit 4"

HEALTH = ["--health-cmd=(sleep 0.1 &); true", "--health-interval=1s", "--health-timeout=20s", "--health-retries=10"]


def zombies(container: Container) -> list[tuple[int, str, str]]:
    return [row for row in container.processes() if row[1].startswith("Z")]


def sleeping(container: Container) -> bool:
    return any(words.startswith("sleep") for _, _, words in container.processes())


@pytest.fixture(params=["nginx", "postgres"])
def container(request: pytest.FixtureRequest, run: Run) -> Container:
    tag = request.getfixturevalue(request.param)
    if request.param == "nginx":
        made = run(tag, *HEALTH)
        made.wait_for("start worker processes")
    else:
        database: Callable[..., list[str]] = request.getfixturevalue("database")
        made = run(tag, *HEALTH, *database())
        made.wait_for(READY)
    return made


def test_none_is_left(container: Container) -> None:
    for _ in range(5):
        assert container.exec("sh", "-c", PROBE, check=False).returncode == 4
    eventually(lambda: not sleeping(container) and not zombies(container), "no orphan is left, no zombie")

    def probes() -> int:
        return len(json.loads(container.inspect("{{json .State.Health}}"))["Log"])

    eventually(lambda: probes() >= 3, "three health checks")
    assert container.inspect("{{.State.Health.Status}}") == "healthy"
    eventually(lambda: not zombies(container), "no zombie is left")
    assert container.stop() < 5
    assert container.wait() == 0


def test_whoever_came_in_from_outside_does_not_delay_a_stop(container: Container) -> None:
    container.exec("sleep", "1000", options=["--detach"])
    eventually(lambda: sleeping(container), "it runs")
    assert container.stop() < 5
    assert container.wait() == 0
