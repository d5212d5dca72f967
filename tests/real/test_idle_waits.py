"""Idle waits before real servers: what ends them, and what does not."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import HOST, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

RULES = """
[child.web]
command = {command}
ready   = {{ listen = "{host}:{port}" }}
[child.web.on]
stop = "idle {limit} {then}"
"""

#: The wait ends a second after the last byte, and at the next look, 250 ms later at most. The rest is for a machine
#: that is busy; the limit is far away.
SOON, LIMIT = 2.0, "60s"

SIZE = 4 << 20


def rules(command: list[str], port: int, limit: str = LIMIT, then: str = "QUIT") -> str:
    return RULES.format(command=json.dumps(command), host=HOST, port=port, limit=limit, then=then)


@contextmanager
def proxy(folder: Path, behind: int) -> Iterator[int]:
    """Yield the port of an nginx that keeps its connections to the server behind it open."""
    folder.mkdir()
    port = free_port()
    with subprocess.Popen(nginx.command(folder, port, *nginx.before_nginx(behind))) as process:
        try:
            until(lambda: not quick(port), "the proxy serves")
            time.sleep(0.1)  # a request in the tick of the answer before would count as answered
            yield port
        finally:
            process.terminate()


@contextmanager
def asked(port: int, path: str, version: str = "1.0") -> Iterator[socket.socket]:
    """Ask for something; whoever reads the answer may take their time. With version 1.1 the connection stays open."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect((HOST, port))
        client.sendall(f"GET {path} HTTP/{version}\r\nHost: web\r\n\r\n".encode())
        yield client


def test_a_slow_request_and_a_slow_download_count_but_no_idle_connections_of_a_proxy(tmp_path: Path) -> None:
    need(shutil.which("nginx"), "nginx")
    port = free_port()
    (tmp_path / "web").mkdir()
    (tmp_path / "large").write_bytes(bytes(SIZE))
    with socket.create_server((HOST, 0)) as upstream:
        slow = nginx.before_http(upstream.getsockname()[1])
        behind = f'return 200 "quick"; }} location /slow {{ {slow} }} location /large {{ root {tmp_path};'
        with Supervised(tmp_path, rules(nginx.command(tmp_path / "web", port, behind), port)) as run:
            run.said("is-ready", child="web")
            with (
                proxy(tmp_path / "front", port) as front,
                asked(front, "/slow") as request,
                asked(port, "/", "1.1") as kept,
            ):
                assert kept.recv(4096).endswith(b"quick")
                answering, _ = upstream.accept()
                run.send(signal.SIGTERM)
                run.said("waits-idle", child="web")
                stays_busy(run)
                with asked(port, "/large") as download:
                    answering.sendall(b"HTTP/1.0 200 OK\r\n\r\nslow")
                    answering.close()
                    assert request.makefile("rb").read().endswith(b"slow")
                    stays_busy(run)
                    assert len(download.makefile("rb").read()) > SIZE
                began = time.monotonic()
                run.said("sent", child="web", signal="QUIT")
                assert time.monotonic() - began < SOON
                assert kept.recv(1) == b"", "it was open until then"
            assert run.wait() == 0
            assert "still-busy" not in run.events("web")


def stays_busy(run: Supervised) -> None:
    """Let more than a second pass without a byte, and a few looks."""
    time.sleep(1.8)
    assert "idle" not in run.events("web")


def test_without_sock_diag_the_wait_lasts_as_long_as_a_connection_and_that_is_said_once(tmp_path: Path) -> None:
    need(shutil.which("strace"), "strace, to refuse a call")
    port = free_port()
    server = [sys.executable, "-m", "http.server", "--bind", HOST, str(port)]
    refuses = ["strace", "-D", "-qq", "-o", "/dev/null", "-e", "trace=socket", "-e", "inject=socket:error=EACCES"]
    with Supervised(tmp_path, rules(server, port, "1s", "WINCH idle 60s TERM"), prefix=refuses) as run:
        run.said("is-ready", child="web")
        with socket.create_connection((HOST, port)):
            run.send(signal.SIGTERM)
            run.said("still-busy", child="web")
        run.said("idle", child="web")
        run.wait()
        assert run.events().count("no-diag") == 1
        assert run.said("no-diag")["text"] == "Permission denied"
