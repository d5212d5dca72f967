"""A real PostgreSQL 15 in a directory of its own: what starts it, and clients that are in its way."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.real.require import need
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path("/usr/lib/postgresql/15/bin")
USER = "postgres"

# The server refuses to be root.
AS_USER = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups"]

# As the official image's docker-entrypoint.sh: on the first start the database is made, then filled by a server that
# only the script can reach, then the script becomes the server. The gate stands for an initialisation of some length.
ENTRYPOINT = """#!/bin/bash
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --auth=trust --username=postgres --no-sync > /dev/null
    pg_ctl --silent --wait -o "-c listen_addresses= -k $PGSOCKET" start
    echo entrypoint: filling
    until [ -e "$PGSOCKET/gate" ]; do sleep 0.05; done
    psql --quiet --host="$PGSOCKET" --username=postgres -c 'create table filled as select 42 as answer'
    pg_ctl --silent --wait --mode=fast stop
fi
exec "$@"
"""


class Database:
    """A data directory and the server's commands for it."""

    def __init__(self, root: Path) -> None:
        self.root, self.data = root, root / "data"
        self.environment = {
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "PGDATA": str(self.data),
            "PGSOCKET": str(root),
        }
        options = {"listen_addresses": "", "unix_socket_directories": str(root), "shared_buffers": "16MB"}
        server = ["postgres", *(word for key, value in options.items() for word in ("-c", f"{key}={value}"))]
        self.command = [*AS_USER, *server]
        script = root / "docker-entrypoint.sh"
        script.write_text(ENTRYPOINT)
        script.chmod(0o755)
        self.entrypoint = [*AS_USER, str(script), *server]

    def make(self) -> Self:
        """Make the database, as an earlier start did."""
        initdb = [*AS_USER, str(BIN / "initdb"), "--auth=trust", f"--username={USER}", "--no-sync"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **self.environment})
        return self

    def client(self, *arguments: str) -> list[str]:
        """Return the command of a client."""
        return [str(BIN / "psql"), "-X", "-q", "-A", "-t", "-h", str(self.root), "-U", USER, *arguments]

    def ask(self, query: str) -> str:
        """Return the answer to a query; empty while there is no server."""
        done = subprocess.run(
            self.client("-c", query), check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60
        )
        return done.stdout.strip()

    def serves(self) -> bool:
        """Tell whether queries are answered."""
        return self.ask("select 'yes'") == "yes"

    @contextmanager
    def clients(self) -> Iterator[None]:
        """Have one client that is idle, one in a transaction and one whose query takes a minute."""
        with ExitStack() as stack:
            for query in ("select 1;", "begin; create table unfinished (i int);", "select pg_sleep(60);"):
                process = subprocess.Popen(
                    self.client(),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                stack.callback(process.wait, PATIENCE)
                stack.callback(process.kill)
                assert process.stdin
                stack.callback(process.stdin.close)
                process.stdin.write(f"{query}\n".encode())
                process.stdin.flush()
            seen = "select string_agg(state, ', ' order by state) from pg_stat_activity where pid <> pg_backend_pid()"
            expected = "active, idle, idle in transaction"
            until(lambda: self.ask(f"{seen} and backend_type = 'client backend'") == expected, f"{expected} are there")
            yield


@contextmanager
def database() -> Iterator[Database]:
    """Have a directory that the server's user can reach, which the test's own is not."""
    need(os.geteuid() == 0, "root, to run the server as another user")
    need((BIN / "postgres").exists() and (BIN / "psql").exists() and shutil.which("setpriv"), "PostgreSQL 15")
    with tempfile.TemporaryDirectory(prefix="sigroute-postgres-") as name:
        os.chown(name, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
        yield Database(Path(name))
