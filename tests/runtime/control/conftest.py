"""The inits of these tests."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

import pytest

from sigroute.executable import executable
from sigroute.language import load, outline
from sigroute.pid1.plan import Launch
from sigroute.static.table import control_of, table_of
from tests.compiled import compiled
from tests.runtime.control.inits import ENGINE, rules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runtime.control.inits import Make, Speaking


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture(name="make")
def _make(tmp_path: Path, runtimes: Path) -> Make:  # noqa: ARG001 - it is needed
    """Makes a static init of rules."""

    def make(text: str, name: str = "init") -> Path:
        return compiled(tmp_path, text, name=name, form="static")

    return make


@pytest.fixture(name="speaking")
def _speaking(make: Make, runtime: Path) -> Speaking:
    """Makes a static init with that engine."""

    def speaking(place: Path, more: str = "") -> Path:
        init = make(rules(place, more))
        launch = Launch(plan=outline(load(str(init.with_name("rules.toml")))), log_level="error")
        code = marshal.dumps(compile(ENGINE, "engine", "exec"))
        parts = {"table": table_of(launch), "engine": code, "posix": b"\0_exit\0\0read\0\0write\0"}
        init.write_bytes(executable(runtime.read_bytes(), {**parts, **control_of(launch.plan)}))
        return init

    return speaking
