"""What all tests share: the signals they begin with, and the runtime."""

from __future__ import annotations

import platform
import signal
from typing import TYPE_CHECKING

import pytest

from sigroute.static import runtimes
from tests.real.require import need
from tests.runtime.built import built, built_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_configure() -> None:
    """Have INT and QUIT at their defaults, here and in what is started.

    A shell ignores them for what it runs in the background (POSIX, sh, "Asynchronous Lists"), and exec keeps that.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGQUIT) == signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.fixture(scope="session", name="runtime")
def _runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runtime for this machine."""
    return built(tmp_path_factory, platform.machine())


@pytest.fixture(scope="session", name="whole")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The static sigroute for this machine."""
    return built_whole(tmp_path_factory, platform.machine())


@pytest.fixture(scope="session", name="runtimes")
def _runtimes(runtime: Path) -> Iterator[Path]:
    """The folder of the runtimes: ``sigroute compile`` uses it from now on, and not the checkout's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtimes, "FOLDER", runtime.parent)
        try:
            runtimes.runtime(runtimes.this_machine())
        except runtimes.NoRuntimeError as error:  # of another Python than the one that runs the tests
            need(ok=False, reason=str(error))
        yield runtime.parent
