"""Apache with the bundled rules: reloads are tested first, stops drain, and a resized terminal is no reason to stop."""

from __future__ import annotations

import shutil
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.traffic import HOST, Load, Steady, Upstream, accepts, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.usefixtures("form")

IN_FLIGHT = 200

RULES = ["--rules", "httpd", "--"]
PLAIN = ["--"]

# Each request that is proxied holds a thread. Room for a second set of processes, as a reload has two.
CONFIGURATION = """
ServerName localhost
Listen {host}:{port}
PidFile {root}/httpd.pid
DefaultRuntimeDir {root}
ErrorLog {root}/error.log
User www-data
Group www-data
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule proxy_module {modules}/mod_proxy.so
LoadModule proxy_http_module {modules}/mod_proxy_http.so
StartServers 2
ServerLimit 8
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 1024
ProxyPass / http://{host}:{upstream}/ flushpackets=on timeout=300
"""
MODULES = Path("/usr/lib/apache2/modules")


class Apache:
    """Debian's Apache with a configuration directory of its own, in a container."""

    def __init__(
        self, root: Path, upstream: int, init: Sequence[str], *, terminal: bool = False, command: Sequence[str] = ()
    ) -> None:
        self.port = free_port()
        self.configuration = root / "apache2.conf"  # the name that is compiled into Debian's
        self.configuration.write_text(
            CONFIGURATION.format(root=root, host=HOST, port=self.port, upstream=upstream, modules=MODULES)
        )
        # Debian's way to have a second one: apachectl, which the bundled rules run, looks there, too.
        environment = {"APACHE_CONFDIR": str(root), "APACHE_RUN_DIR": str(root), "APACHE_LOCK_DIR": str(root)}
        words = [*(SIGROUTE if init else ()), *init, *(command or ("apache2", "-DFOREGROUND", "-d", str(root)))]
        self.container = Container(root, words, environment=environment, terminal=terminal)

    def also(self, line: str) -> None:
        """Add a line to the configuration."""
        self.configuration.write_text(f"{self.configuration.read_text()}{line}\n")


@contextmanager
def serving(
    root: Path, init: Sequence[str], *, terminal: bool = False, command: Sequence[str] = ()
) -> Iterator[tuple[Apache, Container, Upstream]]:
    need(shutil.which("apache2") and shutil.which("apachectl") and MODULES.is_dir(), "Debian's apache2")
    with Upstream() as upstream:
        apache = Apache(root, upstream.port, init, terminal=terminal, command=command)
        with apache.container as container:
            until(lambda: not quick(apache.port) or not container.running(), "Apache serves")
            assert container.running(), container.log()
            yield apache, container, upstream


def test_a_reload_with_a_broken_configuration_keeps_serving(tmp_path: Path) -> None:
    with serving(tmp_path, RULES) as (apache, container, upstream), Steady(apache.port) as steady:
        load = Load(apache.port, IN_FLIGHT).start()
        apache.also("Brokn on")
        container.send(signal.SIGHUP)
        container.said("Invalid command 'Brokn'")  # Apache's own words, with file and line
        container.said("the command for HUP failed")
        steady.more(50)
        assert load.ended() == 0
        upstream.released.set()
        assert load.lost() == 0
    assert steady.failures == []


# PID 1 itself, and under an init that only forwards.
@pytest.mark.parametrize("init", [[], PLAIN], ids=["bare", "forwarded"])
def test_without_rules_a_broken_configuration_ends_it(tmp_path: Path, init: list[str]) -> None:
    with serving(tmp_path, init) as (apache, container, _):
        load = Load(apache.port, IN_FLIGHT).start()
        apache.also("Brokn on")
        container.send(signal.SIGHUP)
        assert container.wait() == 1
        assert load.lost() == IN_FLIGHT
        assert not accepts(apache.port)


@pytest.mark.parametrize("reload", [signal.SIGHUP, signal.SIGUSR1])
def test_a_reload_loses_nothing(tmp_path: Path, reload: signal.Signals) -> None:
    with serving(tmp_path, RULES) as (apache, container, upstream):
        load = Load(apache.port, IN_FLIGHT).start()
        second = free_port()
        apache.also(f"Listen {HOST}:{second}")
        with Steady(apache.port) as steady:
            container.send(reload)
            container.said(f"the command for {reload.name.removeprefix('SIG')} succeeded")
            until(lambda: not quick(second), "the new configuration is in use")
            steady.more(50)
            assert load.ended() == 0
            upstream.released.set()
            assert load.lost() == 0
            steady.more(50)
        assert steady.failures == []
        container.send(signal.SIGTERM)
        assert container.wait() == 0


def test_without_rules_a_reload_loses_all(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN) as (apache, container, _):
        load = Load(apache.port, IN_FLIGHT).start()
        container.send(signal.SIGHUP)
        assert load.lost() == IN_FLIGHT


def test_what_it_has_no_handler_for_does_not_end_it(tmp_path: Path) -> None:
    with serving(tmp_path, RULES) as (apache, container, _):
        container.send(signal.SIGUSR2)
        container.said("USR2 is dropped: the child has no handler")
        assert quick(apache.port) == ""


# WINCH is the image's STOPSIGNAL; a platform that has not read it sends TERM.
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGWINCH, signal.SIGQUIT])
def test_a_stop_finishes_what_is_in_flight(tmp_path: Path, stop: signal.Signals) -> None:
    with serving(tmp_path, RULES) as (apache, container, upstream):
        load = Load(apache.port, IN_FLIGHT).start()
        container.send(stop)
        load.finishes(upstream)
        assert container.wait() == 0


def test_a_resized_terminal_does_not_stop_it(tmp_path: Path) -> None:
    with serving(tmp_path, RULES, terminal=True) as (apache, container, upstream):
        load = Load(apache.port, IN_FLIGHT).start()
        container.resize(50)
        container.said("WINCH from tty")
        container.said("WINCH is dropped")
        assert quick(apache.port) == ""
        # The same signal from the platform is a stop, and a graceful one.
        container.send(signal.SIGWINCH)
        load.finishes(upstream)
        assert container.wait() == 0


def test_without_rules_a_resized_terminal_stops_it(tmp_path: Path) -> None:
    with serving(tmp_path, PLAIN, terminal=True) as (_, container, _):
        container.resize(50)
        assert container.wait() == 0
