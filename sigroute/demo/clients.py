"""Requests in flight, as their clients see them. There are no threads: a selector tells when an answer can be read."""

from __future__ import annotations

import selectors
import socket
import time
from functools import partial

from sigroute.demo.programs.server import HALF, HOST
from sigroute.demo.trouble import Trouble

#: Seconds that the first and the last request take; the others are spread evenly in between.
SHORTEST, LONGEST = 0.7, 2.0

#: The most seconds to wait for a connection on the loopback device.
PATIENCE = 10.0


class Request:
    """One client with one request."""

    def __init__(self, port: int, seconds: float) -> None:
        self.answer = b""
        self.ended: float | None = None
        self.socket = socket.create_connection((HOST, port), PATIENCE)
        try:
            # Without the flag, PIPE would end the demo if the server has gone (send(2)).
            self.socket.send(f"{seconds:.3f}\n".encode(), socket.MSG_NOSIGNAL)
            self.socket.settimeout(0)
        except BaseException:
            self.socket.close()
            raise

    @property
    def begun(self) -> bool:
        """The server has begun to answer."""
        return self.answer.startswith(HALF)

    @property
    def whole(self) -> bool:
        """The whole answer has arrived."""
        return self.answer == 2 * HALF

    def read(self) -> None:
        """Read what has arrived; note the time if the request was answered or cut off."""
        try:
            part = self.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:  # a reset, for example
            part = b""
        self.answer += part
        if not part or self.whole:
            self.ended = time.monotonic()


class Load:
    """All the requests to one server."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self.requests: list[Request] = []
        self.selector = selector

    def start(self, port: int, number: int) -> None:
        """Send this number of requests, the shortest first."""
        step = (LONGEST - SHORTEST) / max(number - 1, 1)
        for index in range(number):
            try:
                request = Request(port, SHORTEST + index * step)
            except OSError as error:
                text = f"cannot connect to the demo's server on {HOST}: {error.strerror or error}"
                raise Trouble(text) from error
            self.requests.append(request)
            self.selector.register(request.socket, selectors.EVENT_READ, partial(self.read, request))

    def read(self, request: Request) -> None:
        """Read what has arrived for a request; close it if it is over."""
        request.read()
        if request.ended is not None:
            self.selector.unregister(request.socket)
            request.socket.close()

    def over(self) -> bool:
        """Tell whether every request was answered or cut off."""
        return all(request.ended is not None for request in self.requests)

    def close(self) -> None:
        """Close all connections."""
        for request in self.requests:
            request.socket.close()
