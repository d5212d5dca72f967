#!/usr/bin/python3 -IS
"""Stands in for the program whose name it has, and says so. It does with signals what that program does, opens what
that program opens, and notes what happens to it.
"""  # fmt: skip

from __future__ import annotations

import os
import signal
import socket
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Where it writes its notes.
NOTES = "/dev/null"

#: How long it takes to be ready, to do a task, to finish after a signal (s).
MOMENT = 0.03

#: Signals that it handles: they are blocked, and taken one after the other.
HANDLED: set[signal.Signals] = set()

#: What a program does where its line below does not say so.
USUAL = {"TERM": 0, "INT": 0}

#: By name and further words. Of several lines that fit, the one with most words counts. ``ends``: the codes with which
#: it exits at these signals; ``keeps``: signals without effect; all others have their default action. ``listens``:
#: an address, or the option whose value it is. ``task``: it exits with that code. ``becomes``: it executes that.
#: ``starts``: it has that as a child. ``makes``: files that it writes.
PROGRAMS: dict[str, dict[str, Any]] = {
    # servers
    "mariadbd": {"ends": {"TERM": 0, "QUIT": 0}, "keeps": "HUP INT USR1", "listens": "/run/mysqld/mysqld.sock"},
    "mongod": {"ends": {"TERM": 0, "INT": 0, "HUP": 0}, "listens": "127.0.0.1:27017"},
    "redis-server": {"ends": USUAL, "keeps": "HUP", "listens": "127.0.0.1:6379"},
    "redis-server config/redis_cache.conf": {"ends": USUAL, "keeps": "HUP", "listens": "127.0.0.1:13000"},
    "redis-server config/redis_queue.conf": {"ends": USUAL, "keeps": "HUP", "listens": "127.0.0.1:11000"},
    "minio": {"ends": {**USUAL, "QUIT": 0}, "keeps": "HUP", "listens": "127.0.0.1:9000"},
    "mosquitto": {"ends": USUAL, "keeps": "HUP USR1 USR2", "listens": "0.0.0.0:1883"},
    "etcd": {"keeps": "PIPE"},
    "sqlservr": {"ends": USUAL, "listens": "0.0.0.0:1433"},
    "php-fpm": {"ends": {**USUAL, "QUIT": 0}, "keeps": "USR2 HUP", "listens": "/run/php-fpm.sock"},
    "gunicorn": {"ends": {**USUAL, "QUIT": 0}, "keeps": "HUP TTIN TTOU WINCH", "listens": "--bind"},
    "granian": {"ends": USUAL, "keeps": "HUP"},
    "unicorn": {"ends": {**USUAL, "QUIT": 0}, "keeps": "HUP USR1 USR2 WINCH TTIN TTOU"},
    "bundle exec config/unicorn_launcher": {"becomes": ["unicorn"]},
    "java": {"ends": {"TERM": 143, "INT": 130, "HUP": 129}},
    "java server.jar": {"ends": {"TERM": 143, "INT": 130, "HUP": 129}, "listens": "127.0.0.1:8080"},
    "node": {"keeps": "USR1"},
    "dotnet": {"ends": {**USUAL, "QUIT": 0}},
    "caddy": {"ends": USUAL, "keeps": "HUP USR1 USR2"},
    "gotrue": {"ends": USUAL, "listens": "127.0.0.1:9999"},
    "appflowy_cloud": {"ends": USUAL, "listens": "0.0.0.0:8000"},
    "appflowy_worker": {"ends": USUAL},
    "mysqlrouter": {"ends": USUAL},
    "patroni": {"ends": USUAL, "keeps": "HUP"},
    "pgqd": {"ends": USUAL, "keeps": "HUP"},
    "pihole-FTL": {"ends": USUAL, "keeps": "HUP", "listens": "0.0.0.0:53"},
    "backend": {"ends": USUAL, "listens": "127.0.0.1:8080"},
    "gateway": {"ends": USUAL},
    "hello": {"ends": USUAL},
    # workers, schedulers, shippers
    "celery": {"ends": {"TERM": 0, "QUIT": 0, "INT": 1}, "keeps": "HUP USR1"},
    "php artisan queue:work": {"ends": {"TERM": 0, "QUIT": 0}, "keeps": "USR2 CONT"},
    "bench": {"ends": USUAL},
    "bench worker": {"ends": USUAL, "starts": ["work-horse"]},
    "cron": {"keeps": "HUP"},
    "crond": {"keeps": "HUP"},
    "fluent-bit": {"ends": {**USUAL, "QUIT": 0}, "keeps": "HUP CONT"},
    "vector": {"ends": {**USUAL, "QUIT": 0}, "keeps": "HUP"},
    # desktops
    "Xvfb": {"ends": USUAL, "keeps": "HUP USR1", "listens": "X display"},
    "x11vnc": {"ends": USUAL, "listens": "0.0.0.0:5900"},
    "start-xvfb.sh": {"becomes": ["Xvfb", ":99"]},
    "start-vnc.sh": {"becomes": ["x11vnc", "-display", ":99"]},
    "start-selenium-node.sh": {"becomes": ["java", "-jar", "selenium-server.jar", "node"]},
    "drain-node.sh": {"task": 0},
    # wrappers
    "run-caddy.sh": {"becomes": ["caddy", "run"]},
    "run-java.sh": {"becomes": ["java", "-jar", "server.jar"]},
    "run-rts.sh": {"becomes": ["node", "server.js"]},
    "run-loki.sh": {"starts": ["loki"]},
    "run-prometheus.sh": {"starts": ["prometheus"]},
    "run-tempo.sh": {"starts": ["tempo"]},
    "run-pyroscope.sh": {"starts": ["pyroscope"]},
    "run-otelcol.sh": {"becomes": ["otelcol"]},
    "run-grafana.sh": {"becomes": ["grafana"]},
    "loki": {"ends": USUAL, "keeps": "HUP", "listens": "0.0.0.0:3100"},
    "prometheus": {"ends": USUAL, "keeps": "HUP USR1", "listens": "0.0.0.0:9090"},
    "tempo": {"ends": USUAL, "listens": "0.0.0.0:3200"},
    "pyroscope": {"ends": USUAL, "listens": "0.0.0.0:4040"},
    "otelcol": {"ends": USUAL, "keeps": "HUP", "listens": "0.0.0.0:4317"},
    "grafana": {"ends": USUAL, "listens": "0.0.0.0:3000"},
    "gradle": {"ends": {"TERM": 143, "INT": 130}, "starts": ["java", "-jar", "core.jar"]},
    "cargo run": {"becomes": ["gateway"]},
    "cargo run apply": {"task": 0},
    "npm start": {"starts": ["node", "front.js"]},
    "npm install": {"task": 0},
    # tasks and probes
    "celery inspect": {"task": 0},
    "curl": {"task": 0, "asks": True},
    "haproxy-alive": {"task": 0},
    "pg_isready": {"task": 0},
    "python manage.py": {"task": 0},
    "python3 manage.py": {"task": 0},
    "python3 manage.py document_consumer": {"ends": USUAL},
    "python3 wait-for-redis.py": {"task": 0},
    "python3 -m pretix": {"task": 0},
    "migrate": {"task": 0},
    "bundle exec rake": {"task": 0},
    "create_db": {"task": 0},
    "diesel": {"task": 0},
    "logrotate": {"task": 0},
    "report": {"task": 0},
    "configure.sh": {"task": 0, "makes": ["/appsmith-stacks/configuration/docker.env"]},
    "setup_postgres_data.sh": {"task": 0},
    "setup_postgres_env.sh": {"task": 0, "makes": ["/run/appflowy.env"]},
    "init-env-file": {"task": 0, "makes": ["/run/paperless.env"]},
    "init-modify-user": {"task": 0},
    "init.sh": {"task": 0},
    "discovery.sh": {"task": 0},
    "prepare.sh": {"task": 0},
    "pihole updatechecker": {"task": 0},
    "configure_spilo.py": {"task": 0},
    "patroni_wait.sh": {"task": 0},
    "postgres_backup.sh": {"task": 0},
    "configure-db.sh": {"task": 0},
    "user-install.sh": {"task": 0},
    "browser-cleanup.sh": {"task": 0},
    "setup.sh": {"task": 0},
}


def main() -> None:
    """Be the program of this name."""
    name, words = os.path.basename(sys.argv[0]), sys.argv[1:]  # noqa: PTH119 - pathlib takes longer than all of this
    does = line_of(name, words)
    for each in (*does.get("ends", {}), *does.get("keeps", "").split()):
        HANDLED.add(signal.Signals[f"SIG{each}"])
        signal.signal(signal.Signals[f"SIG{each}"], lambda *_: None)  # caught, for whoever looks; never called
    signal.pthread_sigmask(signal.SIG_BLOCK, HANDLED)
    note("start", " ".join([name, *words]))
    if "becomes" in does:
        execute(does["becomes"])
    time.sleep(MOMENT)
    for path in does.get("makes", ()):
        with open(path, "a"):  # noqa: PTH123 - as above
            pass
    if "asks" in does:
        ask(words[-1], words)
    if "task" in does:
        end(does["task"])
    serve(name, does, listen(does.get("listens", ""), words))


def serve(name: str, does: dict[str, Any], listener: socket.socket | None) -> None:
    """Run until a signal ends it."""
    ends = does.get("ends", {})
    below = os.fork() if "starts" in does else None
    if below == 0:
        execute(does["starts"])
    note("up", name)
    say(f"{name}: a stand-in of that name, for a test")
    while True:
        told = signal.Signals(signal.sigwaitinfo(HANDLED).si_signo).name.removeprefix("SIG")
        note(told, name)
        if told in ends:
            break
    time.sleep(MOMENT)  # it finishes what it has
    if listener:
        listener.close()
    if below:
        os.kill(below, signal.SIGTERM)
        os.waitpid(below, 0)
    say(f"{name}: its last line")
    end(ends[told])


def execute(command: list[str]) -> None:
    """Become another program, with all signals let through."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os.execvp(command[0], command)


def line_of(name: str, words: list[str]) -> dict[str, Any]:
    """Return the line of PROGRAMS for this command."""
    given = {*words, *(word.rpartition("/")[2] for word in words)}
    lines = [key.split() for key in PROGRAMS]
    fitting = [line for line in lines if line[0] == name and given.issuperset(line[1:])]
    fitting.sort(key=len)
    return PROGRAMS[" ".join(fitting[-1])] if fitting else {"ends": USUAL}


def listen(address: str, words: list[str]) -> socket.socket | None:
    """Listen there."""
    if address == "X display":
        address = f"/tmp/.X11-unix/X{next(word for word in words if word[0] == ':')[1:]}"
    if address.startswith("--"):
        address = value_of(address, words)
    if not address:
        return None
    path = address.removeprefix("unix:")
    if path.startswith("/"):
        listener = socket.socket(socket.AF_UNIX)
        if os.path.exists(path):  # noqa: PTH110 - as above
            os.unlink(path)  # noqa: PTH108 - as above
        listener.bind(path)
    else:
        host, _, port = path.rpartition(":")
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, int(port)))
    listener.listen()
    return listener


def value_of(option: str, words: list[str]) -> str:
    """Return the value of ``--option=VALUE`` or ``--option VALUE``."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word == option:
            return following
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""


def ask(url: str, words: list[str]) -> None:
    """Exit as curl does where nobody listens."""
    path, host = value_of("--unix-socket", words), url.split("/")[2]
    try:
        if path:
            socket.socket(socket.AF_UNIX).connect(path)
        else:
            name, _, port = host.partition(":")
            socket.create_connection((name, int(port or 80)), 5).close()
    except OSError:
        end(7)


def say(text: str) -> None:
    """Write a line to standard output, in one piece."""
    os.write(1, f"{text}\n".encode())


def end(code: int) -> None:
    """Note the end, then exit."""
    note("end", str(code))
    os._exit(code)


def note(what: str, detail: str) -> None:
    """Write a line into the notes, in one piece."""
    try:
        file = os.open(NOTES, os.O_WRONLY | os.O_APPEND)
    except OSError:
        return
    os.write(file, f"{time.monotonic_ns()} {os.getpid()} {what} {detail}\n".encode())
    os.close(file)


if __name__ == "__main__":
    main()
