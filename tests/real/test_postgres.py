"""PostgreSQL with the bundled rules: a stop is quick whoever is connected; the next start has nothing to recover."""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.postgres import Database, database
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

RULES = ["--rules", "postgres", "--"]
PLAIN = ["--"]

# What a clean stop and one that was not leave in the log of the next start.
CLEAN = "database system was shut down at"
UNCLEAN = "database system was not properly shut down"

#: Seconds that a stop may take with clients in its way.
SOON = 3


@pytest.fixture(name="base")
def _base() -> Iterator[Database]:
    with database() as base:
        yield base.make()


@contextmanager
def serving(base: Database, directory: Path, command: Sequence[str]) -> Iterator[Container]:
    with Container(directory, command, environment=base.environment) as container:
        until(lambda: base.serves() or not container.running(), "PostgreSQL serves")
        assert container.running(), container.log()
        yield container


def log_of_next_start(base: Database, directory: Path) -> str:
    with serving(base, directory, [*SIGROUTE, *RULES, *base.command]) as container:
        container.send(signal.SIGTERM)
        assert container.wait() == 0
        return container.log()


# What a platform sends, what the image's STOPSIGNAL says, and what would be the immediate shutdown.
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT])
def test_a_stop_is_fast_and_clean(base: Database, tmp_path: Path, stop: signal.Signals) -> None:
    with serving(base, tmp_path, [*SIGROUTE, *RULES, *base.command]) as container, base.clients():
        base.ask("create table kept as select 42 as answer")
        begin = time.monotonic()
        container.send(stop)
        assert container.wait() == 0
        assert time.monotonic() - begin < SOON
    assert "received fast shutdown request" in container.log()
    with serving(base, tmp_path, [*SIGROUTE, *RULES, *base.command]) as container:
        assert base.ask("select answer from kept") == "42"
    assert CLEAN in container.log()
    assert UNCLEAN not in container.log()


def test_without_rules_a_stop_waits_for_clients_and_the_next_start_recovers(base: Database, tmp_path: Path) -> None:
    with serving(base, tmp_path, [*SIGROUTE, *PLAIN, *base.command]) as container, base.clients():
        container.send(signal.SIGTERM)
        container.said("received smart shutdown request")
        with pytest.raises(subprocess.TimeoutExpired):
            container.process.wait(SOON)
        # So the platform kills it, as leaving the block does.
    assert UNCLEAN in log_of_next_start(base, tmp_path)


def test_a_reload_is_seen(base: Database, tmp_path: Path) -> None:
    with serving(base, tmp_path, [*SIGROUTE, *RULES, *base.command]) as container:
        assert base.ask("show work_mem") == "4MB"
        with (base.data / "postgresql.conf").open("a") as file:
            file.write("work_mem = 7MB\n")
        container.send(signal.SIGHUP)
        until(lambda: base.ask("show work_mem") == "7MB", "the new setting is in use")
        assert container.running()
