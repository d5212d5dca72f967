"""``sigroute schema``: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sigroute.language import rule_schema
from sigroute.schema import main


def test_it_prints_the_schema(capfd: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out, err = capfd.readouterr()
    assert (json.loads(out), err) == (rule_schema(), "")
    assert out.startswith('{\n  "$schema": "http://json-schema.org/draft-07/schema#",\n')
    assert out.endswith("\n}\n")


def test_the_command_line_has_it() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sigroute", "schema"], check=False, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, rule_schema(), "")


def test_bad_usage(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rules.toml"])
    assert ended.value.code == 64
    assert "unrecognized arguments: rules.toml" in capfd.readouterr().err
