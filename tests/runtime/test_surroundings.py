"""The runtime needs nothing of the image: it runs in an empty root directory, without /proc, /dev and /tmp."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need
from tests.runtime.test_payload import BROKEN, patch, payload_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runtime.images import Init


@pytest.fixture(name="root")
def _root(tmp_path: Path, init: Init) -> Path:
    """A root directory with nothing but an init and its command, a static program that ends with 7."""
    need(os.geteuid() == 0, "root, to change the root directory")
    need(shutil.which("gcc"), "gcc")
    root = tmp_path / "root"
    root.mkdir()
    init.copy(root / "init")
    source = tmp_path / "seven.c"
    source.write_text("int main(void) { return 7; }\n")
    subprocess.run(["gcc", "-static", "-o", root / "seven", source], check=True)
    return root


def in_root(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["chroot", *options, str(root), "/init", "/seven"]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("options", [(), ("--userspec=12345:12345",)], ids=["root", "user"])
def test_it_runs_in_an_empty_root_directory(root: Path, options: tuple[str, ...]) -> None:
    root.parent.chmod(0o755)
    done = in_root(root, *options)
    assert (done.returncode, done.stdout, done.stderr) == (7, "", "")


def test_it_is_checked_there_too(root: Path, init: Init) -> None:
    begin, payload = payload_of(init)
    patch(root / "init", begin + 5_000, payload[5_000] ^ 1)
    done = in_root(root)
    assert (done.returncode, done.stderr) == (126, f"/init: cannot run: {BROKEN}\n")
