"""Made once per session: the helpers, the inits under test, and where everything looks for programs."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.compiled import environment
from tests.real.drop_in.build import Helpers, build
from tests.real.drop_in.subjects import Subjects
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session", name="helpers")
def _helpers(tmp_path_factory: pytest.TempPathFactory) -> Helpers:
    need(os.geteuid() == 0 and shutil.which("nsenter"), "root and nsenter, for PID namespaces")
    need(shutil.which("cc"), "a C compiler")
    return build(tmp_path_factory.mktemp("drop-in-helpers"))


@pytest.fixture(scope="session", name="subjects")
def _subjects(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> Subjects:  # noqa: ARG001 - it is needed
    return Subjects(tmp_path_factory.mktemp("drop-in"))


@pytest.fixture(scope="session", name="path")
def _path() -> str:
    return environment()["PATH"]
