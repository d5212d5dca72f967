"""Run as ``python server.py ORPHANS``: a server with two ways to stop, as nginx has them.

TERM ends it at once and drops what is in flight, QUIT finishes that first. A request is a line with
the seconds that it takes. It tells what happens as JSON lines on standard output.
"""

from __future__ import annotations

import json
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from pathlib import Path

HOST = "127.0.0.1"
STOPS = {signal.SIGTERM, signal.SIGQUIT}

#: The answer to every request; the first half says that it is in flight.
HALF = b"half of the answer"

#: Seconds: should everybody who could end this server be killed, it ends by itself (alarm(2)).
LIFE = 60


class Request(socketserver.StreamRequestHandler):
    """Half of the answer at once, the rest when its time has come."""

    def handle(self) -> None:
        """Answer one request."""
        seconds = float(self.rfile.readline())
        self.wfile.write(HALF)
        time.sleep(seconds)
        self.wfile.write(HALF)


class Server(socketserver.ThreadingTCPServer):
    """A thread for each request; ``server_close`` waits for them."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that has gone is no matter."""


def tell(event: str, **fields: int) -> None:
    """Write what has just happened, and when, by the clock that all processes share (CLOCK_MONOTONIC)."""
    sys.stdout.write(json.dumps({"event": event, "at": time.monotonic(), **fields}) + "\n")
    sys.stdout.flush()


def leave_orphans(number: int) -> None:
    """Have processes left behind, and wait until they have ended: each holds the pipe open as long as it lives."""
    script = str(Path(__file__).with_name("orphans.py"))
    command = [sys.executable, "-I", "-S", script, str(number)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)  # noqa: S603 - our own


def main(orphans: int) -> None:
    """Serve until TERM or QUIT."""
    signal.alarm(LIFE)
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # before there are threads: they inherit it, and one alone waits
    with Server((HOST, 0), Request) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,)).start()
        leave_orphans(orphans)
        tell("ready", port=server.server_address[1])
        stop = signal.sigwait(STOPS)
        tell("stop", signal=stop)
        if stop == signal.SIGTERM:
            os._exit(0)
        server.shutdown()
    tell("finished")


if __name__ == "__main__":
    main(int(sys.argv[1]))
