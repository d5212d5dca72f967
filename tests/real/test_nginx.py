"""nginx with the bundled rules: what is in flight survives a stop and a reload, and is lost without the rules."""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.traffic import Load, Steady, Upstream, accepts, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

IN_FLIGHT = 200


@contextmanager
def serving(root: Path, *options: str) -> Iterator[tuple[Container, Upstream, int]]:
    need(shutil.which("nginx"), "nginx")
    with Upstream() as upstream:
        port = free_port()
        command = nginx.command(root, port, nginx.before_http(upstream.port))
        with Container(root, [*SIGROUTE, *options, "--", *command]) as container:
            until(lambda: not quick(port) or not container.running(), "nginx serves")
            assert container.running(), container.log()
            yield container, upstream, port


# A platform sends TERM, or what the image's STOPSIGNAL says, which is QUIT for nginx.
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGQUIT])
def test_a_stop_finishes_what_is_in_flight(tmp_path: Path, stop: signal.Signals) -> None:
    with serving(tmp_path, "--rules", "nginx") as (container, upstream, port):
        load = Load(port, IN_FLIGHT).start()
        container.send(stop)
        load.finishes(upstream)
        assert container.wait() == 0


def test_without_rules_a_stop_loses_all(tmp_path: Path) -> None:
    with serving(tmp_path) as (container, _, port):
        load = Load(port, IN_FLIGHT).start()
        container.send(signal.SIGTERM)
        assert container.wait() == 0
        assert load.lost() == IN_FLIGHT


def test_ctrl_c_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path, "--rules", "nginx") as (container, _, port):
        load = Load(port, IN_FLIGHT).start()
        container.send(signal.SIGINT)
        assert container.wait() == 0  # although nobody has released the requests
        assert load.lost() == IN_FLIGHT


def test_ctrl_c_ends_a_stop_that_takes_too_long(tmp_path: Path) -> None:
    with serving(tmp_path, "--rules", "nginx") as (container, _, port):
        load = Load(port, IN_FLIGHT).start()
        container.send(signal.SIGTERM)
        until(lambda: not accepts(port), "nginx has closed its port")
        container.send(signal.SIGTERM)  # impatience of the platform's changes nothing
        container.said("TERM again")
        assert load.ended() == 0
        container.send(signal.SIGINT)
        assert container.wait() == 0
        assert load.lost() == IN_FLIGHT


def test_a_reload_replaces_every_worker_and_loses_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, "--rules", "nginx") as (container, upstream, port), Steady(port) as steady:
        load = Load(port, IN_FLIGHT).start()
        before = container.processes("nginx: worker process")
        assert len(before) == 2
        container.send(signal.SIGHUP)
        until(lambda: container.processes("worker process is shutting down") == before, "the old workers know")
        until(lambda: len(container.processes("nginx: worker process") - before) == 2, "new workers are there")
        steady.more(50)
        assert load.ended() == 0
        upstream.released.set()
        assert load.lost() == 0
        until(lambda: not container.processes("nginx: worker process") & before, "the old workers have gone")
        steady.more(50)
    assert steady.failures == []


def test_logs_are_opened_anew(tmp_path: Path) -> None:
    with serving(tmp_path, "--rules", "nginx") as (container, _, port):
        log, old = tmp_path / "access.log", tmp_path / "access.log.1"
        until(lambda: log.stat().st_size, "there are requests in the log")
        log.rename(old)
        container.send(signal.SIGUSR1)
        until(log.exists, "there is a new log")
        # Each worker opens it for itself: the last of them may still write to the old one.
        until(lambda: not quick(port) and log.stat().st_size, "requests are in the new log")
        container.send(signal.SIGTERM)
        assert container.wait() == 0
