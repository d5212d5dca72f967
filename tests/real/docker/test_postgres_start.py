"""A stop while the entrypoint makes the database: it is made, and then stopped, within the bound of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .client import popen
from .database import TRUST, query, restart, was_clean
from .images import START, another_init

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

SCRIPT = """#!/bin/sh
set -e
psql -U postgres -c 'create table first (n int)'
touch /shared/half
until [ -e /shared/go ]; do sleep 0.05; done
psql -U postgres -c 'create table second (n int)'
"""

TABLES = "select string_agg(tablename, ',' order by tablename) from pg_tables where schemaname = 'public'"


def options(shared: Path) -> list[str]:
    script = shared / "first.sh"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    return [TRUST, f"--volume={shared}:/shared", f"--volume={script}:/docker-entrypoint-initdb.d/first.sh:ro"]


@pytest.mark.parametrize("moment", ["creating configuration files", "running /docker-entrypoint-initdb.d/first.sh"])
def test_it_is_made_first(postgres: str, run: Run, shared: Path, moment: str) -> None:
    container = run(postgres, *options(shared))
    container.wait_for(moment)
    stopping = popen("stop", "--time=120", container.name)
    container.wait_for("INT from outside")
    (shared / "go").touch()
    assert container.wait() == 0, container.logs()
    stopping.communicate(timeout=60)
    assert stopping.returncode == 0

    log = restart(container)
    assert "there is a database already" in log
    assert was_clean(log)
    assert query(container, TABLES) == "first,second"


def test_not_for_longer_than_the_rules_say(postgres: str, run: Run, shared: Path) -> None:
    rules = shared / "rules.toml"
    rules.write_text(
        '[child.postgres]\nlike = "postgres"\n[child.postgres.starting]\nstop = { hold = "1s", else = "TERM" }\n'
    )
    init = another_init(shared, str(rules))
    container = run(postgres, *options(shared), *init, command=START["postgres"])
    container.wait_for("running /docker-entrypoint-initdb.d/first.sh")
    assert 1 < container.stop("--time=120") < 60
    assert container.wait() == 143
