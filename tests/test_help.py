"""``sigroute help``: the same as ``--help``, for each command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sigroute.cli import COMMANDS

SIGROUTE = [sys.executable, "-m", "sigroute"]


def said(*words: str) -> tuple[int, str, str]:
    done = subprocess.run([*SIGROUTE, *words], check=False, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command(name: str) -> None:
    assert said("help", name) == said(name, "--help")
    assert said("help", name)[0] == 0


def test_sigroute_itself_names_every_command() -> None:
    code, out, err = said("help")
    assert (code, err) == (0, "")
    assert out == said("--help")[1]
    for name in COMMANDS:
        assert f"\n       sigroute {name}" in out


@pytest.mark.parametrize(
    ("name", "hint"), [("chekc", "did you mean check?"), ("xyz", "the commands are check, explain")]
)
def test_no_such_command(name: str, hint: str) -> None:
    code, out, err = said("help", name)
    assert (code, out) == (64, "")
    assert f'there is no command "{name}" ({hint}' in err
