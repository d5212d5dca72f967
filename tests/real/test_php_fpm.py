"""PHP-FPM with the bundled rules: a stop finishes the requests, as far as it has been told how long they may take."""

from __future__ import annotations

import shutil
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.traffic import Load, free_port, quick, until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.usefixtures("form")

IN_FLIGHT = 20

RULES = ["--rules", "php-fpm", "--"]
PLAIN = ["--"]

#: What the official images leave unset, which makes QUIT as abrupt as TERM.
GRACEFUL = "process_control_timeout = 120s"

# A process per request. root (-R), as the directory is root's alone.
CONFIGURATION = """
[global]
error_log = /proc/self/fd/2
{also}
[www]
listen = {root}/php.socket
user = root
pm = static
pm.max_children = {children}
"""

# One answer at once; the other by half, the rest once the test says so.
SCRIPT = """<?php
while (ob_get_level()) ob_end_flush();
if ($_SERVER['REQUEST_URI'] !== '/slow') { echo 'quick'; exit; }
echo str_repeat('a', 4096); flush();
while (!file_exists('released')) { usleep(10000); clearstatcache(); }
echo str_repeat('a', 4096);
"""


def php_fpm() -> str | None:
    """Return where PHP-FPM is: Debian's name has the version in it."""
    found = sorted(Path("/usr/sbin").glob("php-fpm*"))
    return str(found[0]) if found else None


@contextmanager
def serving(root: Path, init: Sequence[str], also: str = GRACEFUL) -> Iterator[tuple[int, Container]]:
    program = php_fpm()
    need(program and shutil.which("nginx"), "php-fpm, and nginx before it")
    (root / "www.conf").write_text(CONFIGURATION.format(root=root, children=IN_FLIGHT + 2, also=also))
    (root / "script.php").write_text(SCRIPT)
    port = free_port()
    before = nginx.command(root, port, nginx.before_php(root / "php.socket", root / "script.php"))
    with Container(root, [*SIGROUTE, *init, str(program), "-F", "-R", "-y", str(root / "www.conf")]) as container:
        front = subprocess.Popen(before, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: not quick(port) or not container.running(), "PHP-FPM serves")
            assert container.running(), container.log()
            yield port, container
        finally:
            front.terminate()
            front.wait()


def release(root: Path) -> None:
    """Let every answer be finished."""
    (root / "released").touch()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGQUIT])
def test_a_stop_finishes_what_is_in_flight(tmp_path: Path, stop: signal.Signals) -> None:
    with serving(tmp_path, RULES) as (port, container):
        load = Load(port, IN_FLIGHT).start()
        container.send(stop)
        container.said("Finishing ...")  # PHP-FPM's own words
        assert load.ended() == 0
        release(tmp_path)
        assert load.lost() == 0
        assert container.wait() == 0


# Why the comment in the bundled file says so.
@pytest.mark.parametrize(("init", "also"), [(PLAIN, GRACEFUL), (RULES, "")], ids=["forwarded", "untold"])
def test_a_stop_loses_all_without_rules_or_without_being_told_how_long(
    tmp_path: Path, init: list[str], also: str
) -> None:
    with serving(tmp_path, init, also) as (port, container):
        load = Load(port, IN_FLIGHT).start()
        container.send(signal.SIGTERM)
        assert load.lost() == IN_FLIGHT
        assert container.wait() == 0


@pytest.mark.parametrize("meanwhile", [False, True])
def test_ctrl_c_ends_it_at_once(tmp_path: Path, *, meanwhile: bool) -> None:
    with serving(tmp_path, RULES) as (port, container):
        load = Load(port, IN_FLIGHT).start()
        if meanwhile:
            container.send(signal.SIGTERM)
            container.said("Finishing ...")
            assert load.ended() == 0
        container.send(signal.SIGINT)
        assert load.lost() == IN_FLIGHT
        assert container.wait() == 0


@pytest.mark.parametrize("reload", [signal.SIGHUP, signal.SIGUSR2])
def test_a_reload_loses_nothing(tmp_path: Path, reload: signal.Signals) -> None:
    with serving(tmp_path, RULES) as (port, container):
        load = Load(port, IN_FLIGHT).start()
        container.send(reload)
        container.said("Reloading in progress ...")
        assert load.ended() == 0
        release(tmp_path)
        assert load.lost() == 0
        until(lambda: container.log().count("ready to handle connections") == 2, "it runs anew")
        assert quick(port) == ""
        container.send(signal.SIGTERM)
        assert container.wait() == 0
