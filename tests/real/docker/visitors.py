"""Visitors of a site at 127.0.0.1:80, run in a container's network namespace: one line for each request.

    visitors.py COUNT

Each asks again and again, each time on a new connection, until nobody listens any more. A line has the request's number
and what came of it: ``whole``, ``refused`` (nobody listens), or what went wrong.
"""

from __future__ import annotations

import itertools
import socket
import sys
import threading

#: Longer than any answer takes on a busy machine (s).
PATIENCE = 60

NUMBERS = itertools.count(1)


def ask(number: int) -> str:
    """Make one request; return what came of it."""
    client = socket.socket()
    client.settimeout(PATIENCE)
    try:
        client.connect(("127.0.0.1", 80))
    except OSError as error:
        return "refused" if isinstance(error, ConnectionRefusedError) else repr(error)
    got = b""
    try:
        client.sendall(f"GET /?id={number} HTTP/1.0\r\n\r\n".encode())
        while data := client.recv(4096):
            got += data
    except OSError as error:
        return f"{error!r} after {len(got)} bytes"
    finally:
        client.close()
    head, _, body = got.partition(b"\r\n\r\n")
    is_whole = head.startswith(b"HTTP/1.1 200 ") and body.startswith(b"job ") and body.endswith(b"\n")
    return "whole" if is_whole else repr(got[:300])


def visit() -> None:
    """Ask until nobody listens."""
    end = ""
    while end != "refused":
        number = next(NUMBERS)
        end = ask(number)
        sys.stdout.write(f"{number} {end}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    threads = [threading.Thread(target=visit) for _ in range(int(sys.argv[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
