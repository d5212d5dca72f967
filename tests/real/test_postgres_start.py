"""A stop that lands while an entrypoint makes the database: with the bundled rules it waits, nothing is half made."""

from __future__ import annotations

import re
import signal
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.postgres import Database, database
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

RULES = ["--rules", "postgres", "--"]
PLAIN = ["--"]
CLEAN = "database system was shut down at"


@pytest.fixture(name="base")
def _base() -> Iterator[Database]:
    with database() as base:
        yield base


def first_start(base: Database, directory: Path, init: list[str]) -> Container:
    return Container(directory, [*SIGROUTE, *init, *base.entrypoint], environment=base.environment)


def next_start(base: Database, directory: Path) -> tuple[str, str]:
    """Return what the entrypoint has filled in, and the log."""
    with first_start(base, directory, RULES) as container:
        until(lambda: base.serves() or not container.running(), "PostgreSQL serves")
        return base.ask("select answer from filled"), container.log()


def test_during_initdb(base: Database, tmp_path: Path) -> None:
    (base.root / "gate").touch()
    with first_start(base, tmp_path, RULES) as container:
        until(lambda: container.processes("initdb"), "initdb runs")
        container.send(signal.SIGTERM)
        container.said("TERM is held until the child runs its program")
        assert "entrypoint: filling" not in container.log()
        assert container.wait() == 0
        assert "postgres has become its program" in container.log()
        assert re.search(r"postgres \(pid \d+\) gets INT", container.log())
    answer, log = next_start(base, tmp_path)
    assert answer == "42"
    assert CLEAN in log
    assert "entrypoint: filling" not in log


def test_during_the_first_scripts(base: Database, tmp_path: Path) -> None:
    with first_start(base, tmp_path, RULES) as container:
        container.said("entrypoint: filling")
        container.send(signal.SIGTERM)
        container.send(signal.SIGINT)  # held, too: a held stop is not made a quicker one
        container.said("TERM is held until the child runs its program")
        container.said("INT")
        (base.root / "gate").touch()
        assert container.wait() == 0
    answer, log = next_start(base, tmp_path)
    assert answer == "42"
    assert CLEAN in log


def test_without_rules_half_a_database_is_left(base: Database, tmp_path: Path) -> None:
    with first_start(base, tmp_path, PLAIN) as container:
        container.said("entrypoint: filling")
        container.send(signal.SIGTERM)
        assert container.wait() == 143
    answer, log = next_start(base, tmp_path)
    assert answer == ""  # it starts "fine", without what the entrypoint should have filled in
    assert "entrypoint: filling" not in log
