"""sigroute compile: the static file, what it says of itself, and what its environment changes."""

from __future__ import annotations

import hashlib
import subprocess
from typing import TYPE_CHECKING

import pytest

from sigroute import __version__
from sigroute.compile import main
from sigroute.static import runtimes
from tests.compiled import compiled, is_static

if TYPE_CHECKING:
    from pathlib import Path

PATH = {"PATH": "/usr/bin:/bin"}


def ran(path: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([path, *words], check=False, capture_output=True, text=True, timeout=60, env=PATH | environ)


@pytest.fixture(name="static")
def _static(tmp_path: Path, runtimes: Path) -> Path:
    assert runtimes.is_dir()
    return compiled(tmp_path, '[on]\nUSR1 = "USR2"\n', form="static")


def test_it_says_what_it_is(static: Path) -> None:
    assert is_static(static)
    rules = ran(static, "--sigroute-rules").stdout
    digest = hashlib.sha256(rules.encode()).hexdigest()
    assert 'USR1 = "USR2"' in rules
    told = ran(static, "--sigroute-version")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith(f"sigroute {__version__}\nrules rules.toml (sha256 {digest})\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command to run"),
        (["--what"], "it has no option --what (what is for the command goes after --)"),
        (["--sigroute-rules", "more"], "--sigroute-rules goes alone"),
    ],
)
def test_wrong_usage_starts_nothing(static: Path, words: list[str], said: str) -> None:
    done = ran(static, *words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith(f"{static}: {said}\n")
    assert "usage: " in done.stderr


@pytest.mark.parametrize(("level", "lines"), [("quiet", 0), ("error", 0), ("warning", 1), ("info", 4), ("debug", 4)])
@pytest.mark.parametrize("when", ["", "early"])
def test_the_environment_says_how_much_it_logs(static: Path, level: str, lines: int, when: str) -> None:
    done = ran(static, "--", "sh", "-c", "exit 5", SIGROUTE_LOG=level, SIGROUTE_ENGINE=when)
    assert done.returncode == 5
    assert len(done.stderr.splitlines()) == lines, done.stderr  # as it is not PID 1: one warning


def test_a_level_that_is_none_is_named(static: Path) -> None:
    done = ran(static, "--", "true", SIGROUTE_LOG="loud")
    assert done.returncode == 0
    assert "SIGROUTE_LOG=loud is no level of the log: debug, info, warning, error, quiet" in done.stderr


def test_without_a_runtime_it_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runtimes, "FOLDER", tmp_path / "none")
    assert main(["nginx", "-o", str(tmp_path / "init")]) == 69
    said = capfd.readouterr()
    assert said.out == ""
    assert said.err.startswith("sigroute compile: there is no runtime for ")
    assert "python -m runtime build" in said.err
    assert "--python" in said.err
    assert not (tmp_path / "init").exists()


def test_a_static_file_has_no_shebang(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["nginx", "-o", str(tmp_path / "init"), "--shebang", "/usr/bin/python3"])
    assert end.value.code == 64
    assert "--shebang goes with --python" in capfd.readouterr().err
