"""``sigroute completion``: what a real bash completes by it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sigroute.completion import SHELLS, main
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path


def completed(script: Path, line: str, folder: Path) -> set[str]:
    """Return what bash offers after this line."""
    asks = f"""
        source {script}
        COMP_LINE={line!r}; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({line}{" ''" if line.endswith(" ") else ""})
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        $(complete -p sigroute | sed 's/.*-F \\([^ ]*\\) .*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", asks], check=False, capture_output=True, text=True, timeout=60, cwd=folder)
    return set(done.stdout.split())


@pytest.fixture
def script(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    need(shutil.which("bash"), "bash")
    assert main(["bash"]) == 0
    (tmp_path / "script").write_text(capfd.readouterr().out)
    return tmp_path / "script"


def test_commands_options_and_files(script: Path, tmp_path: Path) -> None:
    (tmp_path / "web.toml").touch()
    assert {"check", "explain", "replay"} <= completed(script, "sigroute ", tmp_path)
    assert completed(script, "sigroute ch", tmp_path) == {"check"}
    assert "--platform-grace" in completed(script, "sigroute check --", tmp_path)
    assert "--worst" in completed(script, "sigroute explain --", tmp_path)
    assert "web.toml" in completed(script, "sigroute check w", tmp_path)
    assert {"text", "svg"} <= completed(script, "sigroute explain --format ", tmp_path)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_has_a_script(shell: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([shell]) == 0
    assert "sigroute" in capfd.readouterr().out


def test_without_shtab(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    assert main(["bash"]) == 69
    assert capfd.readouterr().err == "sigroute completion: shtab is missing: pip install 'sigroute[completion]'\n"


def test_bad_usage(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fish"])
    assert ended.value.code == 64
    assert "invalid choice: 'fish'" in capfd.readouterr().err
