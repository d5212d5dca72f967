"""Run as ``python3 database.py``: it answers server.py. TERM ends it at once, clients or not, as it ends Redis.

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

#: After so many seconds it ends by itself (alarm(2)), in case all that could end it are killed.
LIFE = 60


class Questions(socketserver.StreamRequestHandler):
    """The questions of one client."""

    def handle(self) -> None:
        """Answer every line."""
        for _ in self.rfile:
            self.wfile.write(b"!")


class Database(socketserver.ThreadingUnixStreamServer):
    """A thread for each client."""

    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Do nothing: a client may go at any time."""


def tell(event: str, **fields: int) -> None:
    """Write what has just happened, and when: all processes share that clock (CLOCK_MONOTONIC)."""
    line = {"event": event, "at": time.monotonic(), "program": "database", **fields}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer until TERM."""
    signal.alarm(LIFE)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # before threads are made: they inherit the mask
    database = Database(DATABASE, Questions)
    threading.Thread(target=database.serve_forever, args=(0.01,)).start()
    tell("ready")
    tell("stop", signal=signal.sigwait({signal.SIGTERM}))
    os._exit(0)


if __name__ == "__main__":
    main()
