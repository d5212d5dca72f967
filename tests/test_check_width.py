"""How wide the output of sigroute check is."""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from sigroute.arguments import columns
from sigroute.check import main
from tests.test_check import SEVERAL, SEVERAL_TABLE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("80", 80), ("149", 149), ("150", 150), ("7", 40), ("0", 100), ("-1", 100), ("", 100),
        ("wide", 100), ("9" * 5_000, 100),
    ],
)  # fmt: skip
def test_columns_says_how_wide_the_output_is(
    text: str, width: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without it, standard output that is no terminal has 100 columns."""
    monkeypatch.setenv("COLUMNS", text)
    assert columns() == width
    path = tmp_path / "several.toml"
    path.write_text(SEVERAL)
    main([str(path)])
    lines = capfd.readouterr().out.splitlines()[1:]
    assert max(map(len, lines)) <= width
    assert lines[:2] == (SEVERAL_TABLE.splitlines()[:2] if width == 150 else ["", "front:"])


@pytest.mark.parametrize(("size", "width"), [(60, 60), (149, 149), (0, 100)])
def test_the_terminal_says_how_wide_it_is(size: int, width: int) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    command = [sys.executable, "-c", "import sys, sigroute.check; sys.stderr.write(str(sigroute.check.columns()))"]
    master, terminal = os.openpty()
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 24, size, 0, 0))
        done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, env=environment, check=True)
    finally:
        os.close(terminal)
        os.close(master)
    assert int(done.stderr) == width
