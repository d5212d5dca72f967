"""What these tests share."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel import accounts
from tests.pid1.kernel.control_lab import Lab, fds
from tests.pid1.kernel.worlds import write_accounts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(name="pty")
def _pty() -> Iterator[int]:
    """Return the terminal's own side of a new one."""
    master, slave = os.openpty()
    yield slave
    os.close(master)
    os.close(slave)


@pytest.fixture(name="shared")
def _shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that all users can enter; its users and groups are those of this process."""
    for each in ("PASSWD", "GROUP"):
        monkeypatch.setattr(accounts, each, "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        write_accounts(folder)
        yield folder


@pytest.fixture(name="lab")
def _lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """Return a control socket; what it has opened is closed afterwards."""
    before = {*fds()}
    yield Lab(monkeypatch)
    for each in {*fds()} - before:
        try:
            os.close(int(each))
        except OSError:  # of the list itself
            continue
