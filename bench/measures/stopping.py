"""TERM, and KILL after 10 s, as from docker stop, for a real nginx and a real PostgreSQL with open connections."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench import services
from bench.contestants import DUMB_INIT, S6, SUPERVISORD, Contestant
from bench.measure import Measure
from bench.pid1 import NotMeasuredError
from bench.results import Row
from tests.real import nginx, postgres
from tests.real.traffic import Load, Upstream, free_port, quick

if TYPE_CHECKING:
    from bench.lab import Lab
    from bench.task import Task

ROUNDS = 3

#: Seconds: the time that docker stop gives, and the time that the answers in flight take after the TERM.
GRACE, ANSWER = 10, 1

IN_FLIGHT = 100

LOST, NGINX = "requests lost", "nginx: s"
RECOVERY, POSTGRES = "crash recovery (1: yes)", "postgres: s"
CASES = (LOST, NGINX, POSTGRES, RECOVERY)

#: The signal by which the server finishes what it has begun.
SIGNALS = {"nginx": "QUIT", "postgres": "INT"}

ABOUT = (
    f"the requests end {ANSWER} s after the TERM, one idle client is connected to PostgreSQL, KILL comes after {GRACE} "
    "s; sigroute has its bundled rules, and who stands there with an option was told the signal that the server wants"
)


def rewriting(task: Task) -> list[str]:
    """Return the command of dumb-init that rewrites TERM."""
    number = {"QUIT": 3, "INT": 2}[SIGNALS[task.bundled]]
    return ["dumb-init", "--rewrite", f"15:{number}", *task.command]


def configured(task: Task) -> list[str]:
    """Return the command of supervisord with the server's stopsignal."""
    return services.supervisord(task, SIGNALS[task.bundled])


def down_signal(task: Task) -> list[str]:
    """Return the command of s6-svscan with the server's down-signal."""
    return services.s6(task, SIGNALS[task.bundled])


#: The contestants that can send another signal than TERM, configured so.
MORE = [
    Contestant("dumb-init --rewrite", rewriting, DUMB_INIT.missing),
    Contestant("s6-svscan, down-signal", down_signal, S6.missing),
    Contestant("supervisord, stopsignal", configured, SUPERVISORD.missing),
]


def run(lab: Lab) -> list[Row]:
    """Stop both servers under each contestant in turn."""
    contestants = [each for each in lab.present(*MORE) if not each.missing()]
    return [*nginx_stops(lab, contestants), *postgres_stops(lab, contestants)]


def nginx_stops(lab: Lab, contestants: list[Contestant]) -> list[Row]:
    """Stop nginx with requests in flight."""
    if not shutil.which("nginx"):
        return [Row("stopping", case, each.name, note="no nginx") for case in (LOST, NGINX) for each in contestants]
    ways = {each.name: partial(stop_nginx, lab, each) for each in contestants}
    return lab.take_turns("stopping", [LOST, NGINX], lab.rounds(ROUNDS), ways)


def stop_nginx(lab: Lab, contestant: Contestant) -> dict[str, list[float]]:
    """Return the number of failed requests, and the seconds until the end."""
    with tempfile.TemporaryDirectory() as root, Upstream() as upstream:
        port = free_port()
        program, *words = nginx.command(Path(root), port, nginx.before_http(upstream.port))
        with (
            lab.task([shutil.which(program) or program, *words], bundled="nginx") as task,
            lab.pid1(contestant.argv(task)) as pid1,
        ):
            pid1.until(lambda: not quick(port), "nginx does not serve")
            load = Load(port, IN_FLIGHT).start()
            answers = threading.Timer(ANSWER, upstream.released.set)
            answers.start()
            seconds = pid1.stop(GRACE)
            lost = load.lost()
            answers.join()
            return {LOST: [lost], NGINX: [seconds]}


def postgres_stops(lab: Lab, contestants: list[Contestant]) -> list[Row]:
    """Stop PostgreSQL with an idle client; only once each, as most contestants take all of GRACE."""
    if not ((postgres.BIN / "postgres").exists() and (postgres.BIN / "psql").exists() and shutil.which("setpriv")):
        note = "no PostgreSQL 15"
        return [Row("stopping", case, each.name, note=note) for case in (POSTGRES, RECOVERY) for each in contestants]
    with postgres.database() as base:
        base.make()
        ways = {each.name: partial(stop_postgres, lab, base, each) for each in contestants}
        return lab.take_turns("stopping", [POSTGRES, RECOVERY], 1, ways)


def stop_postgres(lab: Lab, base: postgres.Database, contestant: Contestant) -> dict[str, list[float]]:
    """Return the seconds until the end, and whether the next start has to recover."""
    program, *words = base.command
    with (
        lab.task([shutil.which(program) or program, *words], bundled="postgres") as task,
        lab.pid1(contestant.argv(task), environment=base.environment) as pid1,
    ):
        pid1.until(base.serves, "PostgreSQL does not serve")
        client = subprocess.Popen(
            base.client(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            others = "select count(*) from pg_stat_activity where backend_type = 'client backend'"
            pid1.until(lambda: base.ask(others) == "2", "the client is not connected")
            seconds = pid1.stop(GRACE)
        finally:
            client.kill()
            client.communicate()
    return {POSTGRES: [seconds], RECOVERY: [state(base) != "shut down"]}


def state(base: postgres.Database) -> str:
    """Return the state of the database: "shut down"; in any other state the next start has to recover."""
    words = [str(postgres.BIN / "pg_controldata"), str(base.data)]
    environment = {"LC_ALL": "C"}
    said = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout
    for line in said.splitlines():
        if line.startswith("Database cluster state:"):
            return line.partition(":")[2].strip()
    raise NotMeasuredError(said)


STOPPING = Measure(
    "stopping",
    {
        f"TERM for nginx with {IN_FLIGHT} requests in flight, and for PostgreSQL (less is better)": CASES,
    },
    run,
    (125, 110),
    about=ABOUT,
)
