"""HAProxy with the bundled rules: a stop finishes the open connections, Ctrl-C ends at once, a reload loses nothing."""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.traffic import HOST, Load, Steady, Upstream, accepts, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

IN_FLIGHT = 200

RULES = ["--rules", "haproxy", "--"]
PLAIN = ["--"]

#: As the official image runs it (-W: a master and its workers), and as its default command does.
WITH_MASTER, ALONE = ["-W", "-db"], ["-db"]

CONFIGURATION = """
defaults
    mode http
    timeout connect 60s
    timeout client 300s
    timeout server 300s
listen one
    bind {host}:{port}
    server behind {host}:{upstream}
"""


class Haproxy:
    """Debian's HAProxy with a configuration of its own, in a container."""

    def __init__(self, root: Path, upstream: int, init: Sequence[str], options: Sequence[str]) -> None:
        self.port = free_port()
        self.configuration = root / "haproxy.cfg"
        self.configuration.write_text(CONFIGURATION.format(host=HOST, port=self.port, upstream=upstream))
        self.container = Container(root, [*SIGROUTE, *init, "haproxy", *options, "-f", str(self.configuration)])

    def also(self, line: str) -> None:
        """Add a line to the configuration."""
        self.configuration.write_text(f"{self.configuration.read_text()}    {line}\n")


@contextmanager
def serving(
    root: Path, init: Sequence[str], options: Sequence[str] = WITH_MASTER
) -> Iterator[tuple[Haproxy, Container, Upstream]]:
    need(shutil.which("haproxy"), "haproxy")
    with Upstream() as upstream:
        haproxy = Haproxy(root, upstream.port, init, options)
        with haproxy.container as container:
            until(lambda: not quick(haproxy.port) or not container.running(), "HAProxy serves")
            assert container.running(), container.log()
            yield haproxy, container, upstream


def ends_well(container: Container) -> bool:
    """Tell whether it ends by itself, with 0 or with what its worker has crashed with.

    That of Debian 12 (2.6.12) does so in about one of five soft stops, after the last connection; alone, too.
    """
    code = container.wait()
    return code == 0 or (code == 128 + signal.SIGSEGV and "exited with code 139" in container.log())


# USR1 is the official image's STOPSIGNAL; a platform that has not read it sends TERM.
@pytest.mark.parametrize("options", [WITH_MASTER, ALONE], ids=["master", "alone"])
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGUSR1])
def test_a_stop_finishes_what_is_in_flight(tmp_path: Path, stop: signal.Signals, options: list[str]) -> None:
    with serving(tmp_path, RULES, options) as (haproxy, container, upstream):
        load = Load(haproxy.port, IN_FLIGHT).start()
        container.send(stop)
        load.finishes(upstream)
        assert ends_well(container)


def test_without_rules_a_stop_loses_all(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN) as (haproxy, container, _):
        load = Load(haproxy.port, IN_FLIGHT).start()
        container.send(signal.SIGTERM)
        assert load.lost() == IN_FLIGHT


# Alone it ends as one that TERM has ended (143); a master catches TERM and ends with 0.
@pytest.mark.parametrize(("options", "code"), [(WITH_MASTER, 0), (ALONE, 143)], ids=["master", "alone"])
@pytest.mark.parametrize("meanwhile", [False, True])
def test_ctrl_c_ends_it_at_once(tmp_path: Path, options: list[str], code: int, *, meanwhile: bool) -> None:
    with serving(tmp_path, RULES, options) as (haproxy, container, _):
        load = Load(haproxy.port, IN_FLIGHT).start()
        if meanwhile:
            container.send(signal.SIGTERM)
            until(lambda: not accepts(haproxy.port), "HAProxy has closed its port")
            assert load.ended() == 0
        container.send(signal.SIGINT)
        assert container.wait() == code
        assert load.lost() == IN_FLIGHT


@pytest.mark.parametrize("reload", [signal.SIGHUP, signal.SIGUSR2])
def test_a_reload_loses_nothing(tmp_path: Path, reload: signal.Signals) -> None:
    with serving(tmp_path, RULES) as (haproxy, container, upstream):
        load = Load(haproxy.port, IN_FLIGHT).start()
        second = free_port()
        haproxy.also(f"bind {HOST}:{second}")
        with Steady(haproxy.port) as steady:
            container.send(reload)
            until(lambda: not quick(second), "the new configuration is in use")
            steady.more(50)
            assert load.ended() == 0
            upstream.released.set()
            assert load.lost() == 0
            steady.more(50)
        assert steady.failures == []
        container.send(signal.SIGTERM)
        assert ends_well(container)


def test_a_reload_without_a_master_changes_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, RULES, ALONE) as (haproxy, container, _):
        container.send(signal.SIGHUP)
        container.said("SIGHUP received")  # HAProxy's own words
        container.send(signal.SIGUSR2)  # which it ignores
        container.said("gets USR2")
        assert quick(haproxy.port) == ""
