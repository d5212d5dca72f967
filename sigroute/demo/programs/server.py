"""Run as ``python3 server.py`` or ``python3 server.py with-database``: a server with two ways to stop, as nginx has.

TERM ends it at once and drops the requests in flight, QUIT finishes them first. A request is a line with the seconds
that it takes. With a database, an answer needs database.py until it is complete. It tells what happens as JSON lines on
standard output, its port first; so ``(echo 5; sleep 6) | nc 127.0.0.1 PORT`` makes a request of 5 seconds.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import socketserver
import sys
import threading
import time

HOST = "127.0.0.1"

#: The database's abstract socket (unix(7)); DEMO keeps two runs apart.
DATABASE = f"\0sigroute-demo{os.environ.get('DEMO', '')}"

WITH_DATABASE = sys.argv[1:] == ["with-database"]

STOPS = {signal.SIGTERM, signal.SIGQUIT}

#: The answer to every request; the first half says that it is in flight.
HALF = b"half of the answer"

#: After so many seconds it ends by itself (alarm(2)), in case all that could end it are killed.
LIFE = 60


class Request(socketserver.StreamRequestHandler):
    """Sends half of the answer at once, and the other half when the time of the request is over."""

    def handle(self) -> None:
        """Answer one request; with a database, the second half comes only if that answers."""
        seconds = float(self.rfile.readline())
        with socket.socket(socket.AF_UNIX) as database:
            if WITH_DATABASE:
                database.connect(DATABASE)
            self.wfile.write(HALF)
            time.sleep(seconds)
            if not WITH_DATABASE or answers(database):
                self.wfile.write(HALF)


def answers(database: socket.socket) -> bool:
    """Tell whether the database answers another question."""
    try:
        database.send(b"?\n", socket.MSG_NOSIGNAL)
        return database.recv(1) != b""
    except OSError:
        return False


class Server(socketserver.ThreadingTCPServer):
    """A thread for each request; ``server_close`` waits for them."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Do nothing: a client may go at any time."""


def tell(event: str, **fields: int) -> None:
    """Write what has just happened, and when: all processes share that clock (CLOCK_MONOTONIC)."""
    line = {"event": event, "at": time.monotonic(), "program": "server", **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until TERM or QUIT."""
    signal.alarm(LIFE)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # before threads are made, as they inherit the mask
    with Server((HOST, 0), Request) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        tell("ready", port=server.server_address[1])
        stop = signal.sigwait(STOPS)
        tell("stop", signal=stop)
        if stop == signal.SIGTERM:
            os._exit(0)
        server.shutdown()
    tell("finished")


if __name__ == "__main__":
    main()
