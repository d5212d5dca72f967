"""Requests that are in flight, provably: an upstream that stops in the middle of its answers until it is told to go on.

A server under test stands between the two ends, as a proxy. That requests are "in flight" is a condition to be waited
for then (every client has half of its answer), not a guess about time; so a test knows what a signal must not lose.
"""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

HOST = "127.0.0.1"
HALF = b"a" * 4096
QUICK = b"quick"

#: Longer than anything here takes on a busy machine: only a broken test waits so long.
PATIENCE = 60.0


def until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait until a condition holds; *what* is the message when it never does."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"not within {patience:g} s: {what}"
        time.sleep(0.01)


def free_port() -> int:
    """Return a TCP port nobody listens on."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    assert isinstance(port, int)
    return port


def accepts(port: int) -> bool:
    """Tell whether somebody listens on the port."""
    try:
        socket.create_connection((HOST, port), timeout=PATIENCE).close()
    except OSError:
        return False
    return True


class Upstream:
    """Answers ``/slow`` by half, the rest once ``released`` is set; anything else at once."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.server = _Server((HOST, 0), self._handler())
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        released = self.released

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                slow = self.path == "/slow"
                self.send_response(200)
                self.send_header("Content-Length", str(2 * len(HALF) if slow else len(QUICK)))
                self.end_headers()
                if not slow:
                    self.wfile.write(QUICK)
                    return
                self.wfile.write(HALF)
                released.wait(2 * PATIENCE)
                self.wfile.write(HALF)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 1024

    def handle_error(self, *_: object) -> None:
        """Keep quiet: a proxy that drops its requests is what some tests are about."""


class Load:
    """A number of slow requests at once, each on a connection of its own."""

    def __init__(self, port: int, number: int) -> None:
        self.port, self.number = port, number
        self.halfway = 0
        self._lock = threading.Lock()
        self._ends: Counter[str] = Counter()
        self._threads = [threading.Thread(target=self._one, daemon=True) for _ in range(number)]

    def start(self) -> Self:
        """Send them, and return once each has half of its answer."""
        for thread in self._threads:
            thread.start()
        until(lambda: self.halfway + self._ends.total() >= self.number, f"{self.number} requests are in flight")
        assert self.halfway == self.number, f"ended early: {self._ends}"
        return self

    def ended(self) -> int:
        """Return how many are over, whole or not."""
        return self._ends.total()

    def finishes(self, upstream: Upstream) -> None:
        """Assert that the server takes no more requests, and answers each of these once it can."""
        until(lambda: not accepts(self.port), "the server has closed its port")
        assert self.ended() == 0
        upstream.released.set()
        assert self.lost() == 0

    def lost(self) -> int:
        """Return how many failed, once all are over."""
        for thread in self._threads:
            thread.join(PATIENCE)
        assert self._ends.total() == self.number, f"{self.number - self._ends.total()} requests never ended"
        return self.number - self._ends["whole"]

    def _one(self) -> None:
        try:
            end = self._get()
        except (OSError, http.client.HTTPException) as error:
            end = repr(error)
        with self._lock:
            self._ends[end] += 1

    def _get(self) -> str:
        connection = http.client.HTTPConnection(HOST, self.port, timeout=2 * PATIENCE)
        try:
            connection.request("GET", "/slow", headers={"Connection": "close"})
            answer = connection.getresponse()
            if answer.status != http.HTTPStatus.OK:
                return f"status {answer.status}"
            first = answer.read(len(HALF))
            with self._lock:
                self.halfway += 1
            whole = first + answer.read() == 2 * HALF
            return "whole" if whole else "cut"
        finally:
            connection.close()


class Steady:
    """Clients that ask again and again, each time on a new connection, so that a gap of milliseconds shows."""

    def __init__(self, port: int, clients: int = 4) -> None:
        self.port = port
        self.answered = 0
        self.failures: list[str] = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        self.more(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def more(self, number: int) -> None:
        """Wait for so many more answers (or failures, which are told at the end)."""
        goal = self.answered + number
        until(lambda: self.answered + len(self.failures) >= goal, f"{number} more answers")

    def _run(self) -> None:
        while not self._over.wait(0.005):
            failure = quick(self.port)
            with self._lock:
                if failure:
                    self.failures.append(failure)
                else:
                    self.answered += 1


def quick(port: int) -> str:
    """Ask for a quick answer; return what went wrong."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/quick", headers={"Connection": "close"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return repr(error)
    finally:
        connection.close()
    return "" if (answer.status, body) == (http.HTTPStatus.OK, QUICK) else f"status {answer.status}"
