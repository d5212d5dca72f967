"""Requests in flight, as their clients see them: no thread, a selector tells when there is something to read."""

from __future__ import annotations

import selectors
import socket
import time
from functools import partial

from sigroute.demo.programs.server import HALF, HOST
from sigroute.demo.trouble import Trouble

#: Seconds that the first and the last request take; the others are evenly spread between.
SHORTEST, LONGEST = 0.7, 2.0

#: Seconds: for a connection on the loopback device.
PATIENCE = 10.0


class Request:
    """One client with one request."""

    def __init__(self, port: int, seconds: float) -> None:
        self.answer = b""
        self.ended: float | None = None
        self.socket = socket.create_connection((HOST, port), PATIENCE)
        try:
            # A flag, as a server that has gone would end us by SIGPIPE.
            self.socket.send(f"{seconds:.3f}\n".encode(), socket.MSG_NOSIGNAL)
            self.socket.settimeout(0)
        except BaseException:
            self.socket.close()
            raise

    @property
    def begun(self) -> bool:
        """Whether the server has begun to answer."""
        return self.answer.startswith(HALF)

    @property
    def whole(self) -> bool:
        """Whether there is all of the answer."""
        return self.answer == 2 * HALF

    def read(self) -> None:
        """Take what has arrived; note when it is over, answered or cut off."""
        try:
            part = self.socket.recv(4096)
        except BlockingIOError:
            return
        except OSError:  # a reset, say
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
        """Send so many, the first of them the shortest."""
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
        """Take what has arrived for one."""
        request.read()
        if request.ended is not None:
            self.selector.unregister(request.socket)
            request.socket.close()

    def over(self) -> bool:
        """Tell whether every one is answered or cut off."""
        return all(request.ended is not None for request in self.requests)

    def close(self) -> None:
        """Give up what is not over."""
        for request in self.requests:
            request.socket.close()
