"""The exporter by itself: what it says where there is no sigroute, and that nobody holds it up."""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from argparse import ArgumentTypeError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from sigroute.control.exporter import LISTEN, address
from tests.pid1.control.counted import by, samples
from tests.real.container import opened
from tests.real.traffic import HOST, free_port, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGROUTE = [sys.executable, "-m", "sigroute"]


@contextmanager
def exporter(control: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    command = [*SIGROUTE, "exporter", "--listen", f"{HOST}:{port}", "--control", str(control)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
        try:
            until(lambda: status(port), "it answers")
            yield run, port
        finally:
            run.kill()


@contextmanager
def supervised(control: Path) -> Iterator[None]:
    """Have a sigroute run whose control socket is there."""
    command = [*SIGROUTE, "--control", str(control), "--", "sleep", "60"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
        try:
            yield
        finally:
            run.terminate()


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has."""
    return len(opened(pid))


def status(port: int) -> int:
    """Return the status of an answer; 0: there is none."""
    with suppress(OSError):
        return fetched(port)[0]
    return 0


def fetched(port: int) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/metrics", timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_without_sigroute_it_says_so_and_goes_on_once_there_is_one(tmp_path: Path) -> None:
    control = tmp_path / "control"
    with exporter(control) as (run, port):
        code, why = fetched(port)
        assert code == 503
        assert f"cannot ask at {control}: no sigroute has its control socket there" in why
        with supervised(control):
            until(lambda: status(port) == 200, "sigroute answers")
            before = descriptors(run.pid)
            for _ in range(5):
                assert fetched(port)[0] == 200
            assert descriptors(run.pid) <= before + 1  # no descriptor is left of each
        assert status(port) == 503


def test_term_ends_it_at_once_whoever_is_connected(tmp_path: Path) -> None:
    with exporter(tmp_path / "control") as (run, port), socket.create_connection((HOST, port)) as client:
        client.send(b"GET /met")
        run.send_signal(signal.SIGTERM)
        assert run.wait(5) == 0


def test_a_client_that_goes_away_harms_nobody(tmp_path: Path) -> None:
    with exporter(tmp_path / "control") as (run, port):
        for _ in range(5):
            with socket.create_connection((HOST, port)) as client:
                client.send(b"GET / HTTP/1.0\r\n\r\n")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, at the close
        assert status(port) == 503
        assert run.poll() is None


def test_what_it_serves_is_what_sigroute_tells(tmp_path: Path) -> None:
    """In the format that the client accepts."""
    control = tmp_path / "control"
    with supervised(control), exporter(control) as (_, port):
        until(lambda: status(port) == 200, "sigroute answers")
        told = subprocess.run([*SIGROUTE, "metrics", "--control", str(control)], capture_output=True, check=True).stdout
        connection = http.client.HTTPConnection(HOST, port, timeout=60)
        connection.request("GET", "/", headers={"Accept": "application/openmetrics-text"})
        served = connection.getresponse().read()
        connection.close()
    assert samples(served.decode()) == samples(told.decode())
    assert by(samples(told.decode()), "sigroute_child_up", "child") == {("sleep",): 1}


def test_where_prometheus_client_is_missing_it_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['prometheus_client'] = None\n"
        "from sigroute.control.exporter import main; sys.exit(main([]))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 69
    assert done.stderr == "sigroute exporter: prometheus_client is missing: pip install 'sigroute[metrics]'\n"


def test_where_somebody_listens_already_it_says_so() -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*SIGROUTE, "exporter", "--listen", f"{HOST}:{port}"], check=False, capture_output=True, text=True
        )
    assert done.returncode == 69
    assert done.stderr.startswith(f"sigroute exporter: cannot listen at {HOST}, port {port}: ")


@pytest.mark.parametrize(
    ("text", "meant"),
    [(LISTEN, ("127.0.0.1", 19150)), ("[::1]:80", ("::1", 80)), ("localhost:0", ("localhost", 0))],
)
def test_an_address_is_a_host_and_a_port(text: str, meant: tuple[str, int]) -> None:
    assert address(text) == meant


@pytest.mark.parametrize("text", ["", "80", ":80", "127.0.0.1", "::1:80", "[::1]", "host:http", "host:-1", "host:"])
def test_nothing_else_is_one(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        address(text)
