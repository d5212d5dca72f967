"""What several tests of real programs ask for."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.compiled import RULES, compiled, foreign
from tests.real import static
from tests.real.container import SIGROUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session", name="static_init")
def _static_init(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> Path:  # noqa: ARG001 - it is needed
    return compiled(tmp_path_factory.mktemp("static"), RULES, form="static")


@pytest.fixture(params=["bytecode", "source", "static"], name="init")
def _init(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An init of RULES, in each form."""
    if request.param == "static":
        return Path(shutil.copy(request.getfixturevalue("static_init"), tmp_path / "init"))
    return script_of(request.param, tmp_path)


@pytest.fixture(params=["bytecode", "source"], name="script")
def _script(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Such an init that a Python in the image runs."""
    return script_of(request.param, tmp_path)


def script_of(kind: str, folder: Path) -> Path:
    """Return such an init that runs from bytecode or from source."""
    path = compiled(folder, RULES)
    return foreign(path) if kind == "source" else path


@pytest.fixture(params=["script", "static"], name="make_init")
def _make_init(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    """Makes an init of rules and options of ``sigroute compile``."""
    if request.param == "static":
        request.getfixturevalue("runtimes")
    return partial(compiled, tmp_path, form=request.param)


#: Of SIGROUTE.
FORMS = ("sigroute", "static", "whole")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for ``form`` in the first two of FORMS, or in those that the mark ``forms`` names."""
    parametrized = any(mark.args[0] == "form" for mark in metafunc.definition.iter_markers("parametrize"))
    if "form" in metafunc.fixturenames and not parametrized:
        mark = metafunc.definition.get_closest_marker("forms")
        metafunc.parametrize("form", mark.args if mark else FORMS[:2], indirect=True)


@pytest.fixture
def form(request: pytest.FixtureRequest) -> Iterator[str]:
    """Have SIGROUTE be the command itself, then one that becomes a static init of the same options.

    With the mark ``forms``, it may be the static sigroute, too.
    """
    command = [*SIGROUTE]
    if request.param == "whole":
        SIGROUTE[:] = [str(request.getfixturevalue("whole"))]
    if request.param == "static":
        folder = request.getfixturevalue("runtimes")
        SIGROUTE[:] = [sys.executable, "-SP", static.__file__, str(folder)]
    yield str(request.param)
    SIGROUTE[:] = command
