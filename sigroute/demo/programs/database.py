"""Run as ``python3 database.py``: what server.py asks. TERM ends it at once, whoever is connected, as Redis does.

It tells what happens as JSON lines on standard output.
"""

from __future__ import annotations

import json
import os
import signal
import socketserver
import sys
import threading
import time

#: Its abstract socket (unix(7)); DEMO keeps two runs apart.
DATABASE = f"\0sigroute-demo{os.environ.get('DEMO', '')}"

#: Seconds: should everybody who could end it be killed, it ends by itself (alarm(2)).
LIFE = 60


class Questions(socketserver.StreamRequestHandler):
    """Those of one client."""

    def handle(self) -> None:
        """Answer every line."""
        for _ in self.rfile:
            self.wfile.write(b"!")


class Database(socketserver.ThreadingUnixStreamServer):
    """A thread for each client."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client that has gone is no matter."""


def tell(event: str, **fields: int) -> None:
    """Write what has just happened, and when, by the clock that all processes share (CLOCK_MONOTONIC)."""
    line = {"event": event, "at": time.monotonic(), "program": "database", **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until TERM."""
    signal.alarm(LIFE)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # before there are threads, which inherit it
    database = Database(DATABASE, Questions)
    threading.Thread(target=database.serve_forever, args=(0.01,)).start()
    tell("ready")
    tell("stop", signal=signal.sigwait({signal.SIGTERM}))
    os._exit(0)


if __name__ == "__main__":
    main()
