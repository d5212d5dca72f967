"""PostgreSQL in a container: queries, clients that stay, and a database that need not be made for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from .client import Container, docker, popen
from .waiting import eventually

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

PSQL = ("psql", "--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--username=postgres")

READY = "database system is ready to accept connections"

TRUST = "--env=POSTGRES_HOST_AUTH_METHOD=trust"


def make_template(image: str, folder: Path) -> None:
    """Have the image make a database in *folder*, once for all tests that only want one."""
    container = Container(image, [TRUST, f"--volume={folder}:/var/lib/postgresql/data"])
    try:
        container.wait_for("the database is made")
        container.wait_for(READY, times=2)  # the first was the server for the scripts
        container.stop("--time=60")
        assert container.wait() == 0
    finally:
        container.remove()


def copy_template(template: Path, folder: Path, owner: int | None = None) -> list[str]:
    """Copy the database into *folder*, for its *owner*; return what ``docker run`` needs to use it."""
    shutil.copytree(template, folder, symlinks=True)
    uid, gid = (template.stat().st_uid, template.stat().st_gid) if owner is None else (owner, owner)
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, uid, gid)
    return [f"--volume={folder}:/var/lib/postgresql/data"]


def query(container: Container, sql: str) -> str:
    """Run *sql* in a session of its own; return what it says."""
    return container.exec(*PSQL, "--command", sql).stdout.strip()


class Client:
    """A session that stays connected."""

    def __init__(self, container: Container, name: str) -> None:
        self._container = container
        self._name = name
        self._psql: subprocess.Popen[str] = popen(
            "exec", "--interactive", f"--env=PGAPPNAME={name}", container.name, *PSQL
        )

    def send(self, sql: str, state: str) -> None:
        """Send *sql*; wait until the server says that the session is in *state*."""
        assert self._psql.stdin
        self._psql.stdin.write(f"{sql}\n")
        self._psql.stdin.flush()
        ask = f"select count(*) from pg_stat_activity where application_name = '{self._name}' and state = '{state}'"
        eventually(lambda: query(self._container, ask) == "1", f"{self._name} is {state}")

    def close(self) -> str:
        """Disconnect; return what psql has said."""
        return self._psql.communicate(timeout=60)[0]


def was_clean(log: str) -> bool:
    """Tell whether the last start in *log* found a database that had been shut down."""
    last = log.rpartition("starting PostgreSQL")[2]
    return "database system was shut down at" in last and "was not properly shut down" not in last


def restart(container: Container) -> str:
    """Start a container again that had been stopped; return its log when the server is up."""
    seen = container.logs().count(READY)
    docker("start", container.name)
    return container.wait_for(READY, times=seen + 1)
