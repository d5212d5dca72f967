"""``sigroute exporter``: serves the metrics of a running sigroute to Prometheus, over HTTP.

It is an ordinary program: it asks at the control socket for each request, and keeps nothing. What a client accepts, the
older text format or OpenMetrics, compressed or not, is between it and prometheus_client.
"""

from __future__ import annotations

import os
import signal
import socket
from argparse import ArgumentTypeError
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from sigroute.arguments import complain
from sigroute.control import ask
from sigroute.pid1.exit_codes import UNAVAILABLE
from sigroute.pid1.kernel import asking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn
    from wsgiref.types import StartResponse, WSGIEnvironment

    from prometheus_client.metrics_core import Metric

    from sigroute.arguments import Parser

#: Where it listens. Prometheus's list of default ports has given away all of 9100 to 9999
#: (https://github.com/prometheus/prometheus/wiki/Default-port-allocations), so this one is above.
LISTEN = "127.0.0.1:19150"

#: Seconds that a client has for its request, and for reading the answer.
PATIENCE = 10

DESCRIPTION = """Serve the metrics of a running sigroute to Prometheus, over HTTP, at any path. It runs as a child
of that sigroute, or beside it. While sigroute does not answer, the status is 503, with the reason.
It needs [control] path in the rules, or --control; and prometheus_client."""

EXAMPLES = """examples:
  sigroute exporter
  sigroute exporter --listen 0.0.0.0:19150     for a Prometheus on another machine"""

CODES = """Exit codes: 0 TERM or INT has ended it, 64 bad usage, 69 prometheus_client is missing, or it
can't listen there."""


class Found:
    """The metrics that sigroute has told, as a collector of prometheus_client."""

    def __init__(self, text: str) -> None:
        self.text = text

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        from prometheus_client.openmetrics.parser import text_string_to_metric_families  # noqa: PLC0415 - as in main()

        found: Iterable[Metric] = text_string_to_metric_families(self.text)  # type: ignore[no-untyped-call]
        return found


class Server(ThreadingMixIn, WSGIServer):
    """A server that has a thread for each connection, and asks no name server who it is."""

    daemon_threads = True
    request_queue_size = 64

    def server_bind(self) -> None:
        """Listen. HTTPServer would look up the full name of this machine, which may take long."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment] # of TCP
        self.setup_environ()


class Server6(Server):
    """The same for IPv6."""

    address_family = socket.AF_INET6


class Handler(WSGIRequestHandler):
    """A connection; nothing of it is logged."""

    timeout = PATIENCE

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def main(words: list[str]) -> int:
    """Serve until TERM or INT; return the exit code."""
    options = parser().parse_args(words)
    try:
        import prometheus_client  # noqa: F401, PLC0415 - it is optional
    except ImportError:
        complain("sigroute exporter: prometheus_client is missing: pip install 'sigroute[metrics]'")
        return UNAVAILABLE
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)  # a client that goes away ends its own connection only
    host, port = options.listen
    try:
        server = (Server6 if ":" in host else Server)((host, port), Handler)
    except (OSError, OverflowError) as error:
        complain(f"sigroute exporter: cannot listen at {host}, port {port}: {error}")
        return UNAVAILABLE
    server.set_app(app(options.control))
    server.serve_forever()
    return 0


def end(_number: int, _frame: object) -> NoReturn:
    """End at once: an answer that is cut off is no loss, as Prometheus asks again."""
    os._exit(0)


def app(control: str) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Return what answers requests.

    :param control: the path of the control socket.
    """
    from prometheus_client import CollectorRegistry, make_wsgi_app  # noqa: PLC0415 - as in main()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            text = ask.answer(control, ["metrics"])
        except asking.NoAnswerError as error:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain; charset=utf-8")])
            return [f"{error}\n".encode("utf-8", "replace")]
        registry = CollectorRegistry()
        registry.register(Found(text))
        found: Iterable[bytes] = make_wsgi_app(registry)(environ, start_response)
        return found

    return answer


def address(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``; the host may be an IPv6 address in brackets.

    :raises ArgumentTypeError: it is none.
    """
    host, colon, port = text.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit()) or (":" in host and host[0] + host[-1] != "[]"):
        message = f"{text!r} is no address (as in {LISTEN} or [::1]:19150)"
        raise ArgumentTypeError(message)
    return host.strip("[]"), int(port)


def parser() -> Parser:
    """Return the parser of ``sigroute exporter``."""
    made = ask.parser("exporter", DESCRIPTION, EXAMPLES, CODES)
    made.add_argument(
        "--listen",
        metavar="HOST:PORT",
        default=address(LISTEN),
        type=address,
        help=f"where to listen (default: {LISTEN})",
    )
    return made
