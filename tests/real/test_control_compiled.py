"""A compiled init asks the one that runs by the same rules: ``INIT --sigroute status``, without this package."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.exit_codes import UNAVAILABLE, USAGE
from tests.compiled import run
from tests.real.container import Container
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RULES = '[control]\npath = "{}"\n[on]\nHUP = "USR2"\n'
CHILD = ["sh", "-c", "trap 'echo got USR2' USR2; echo ready; while :; do sleep 0.05; done"]


@pytest.fixture(name="init")
def _init(tmp_path: Path, make_init: Callable[..., Path]) -> Path:
    return make_init(RULES.format(tmp_path / "socket"))


def test_it_asks_the_one_that_runs(tmp_path: Path, init: Path) -> None:
    with Container(tmp_path, [str(init), *CHILD]) as container:
        container.said("ready")
        until((tmp_path / "socket").exists, "it listens")
        done = run(init, "--sigroute", "status", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        (child,) = json.loads(done.stdout)["children"]
        assert (child["phase"], child["ready"]) == ("running", True)
        name = child["name"]
        assert f"{name} " in run(init, "--sigroute", "status").stdout
        done = run(init, "--sigroute", "send", name, "HUP")
        assert done.returncode == 0
        assert "USR2" in done.stdout
        container.said("got USR2")
        done = run(init, "--sigroute", "send", "nobody", "HUP")
        assert (done.returncode, done.stdout) == (USAGE, "")
        assert "there is no nobody here" in done.stderr
        container.send(signal.SIGTERM)
        assert container.wait() == 143
    assert run(init, "--sigroute", "status").returncode == UNAVAILABLE


def test_what_it_says_where_there_is_nobody_to_ask(tmp_path: Path, init: Path, make_init: Callable[..., Path]) -> None:
    done = run(init, "--sigroute", "status")
    assert (done.returncode, done.stdout) == (UNAVAILABLE, "")
    assert f"cannot ask at {tmp_path}/socket: no sigroute has its control socket there" in done.stderr
    assert run(init, "--sigroute").returncode == USAGE
    done = run(make_init("", name="other"), "--sigroute", "status")
    assert done.returncode == UNAVAILABLE
    assert "it has no control socket" in done.stderr
