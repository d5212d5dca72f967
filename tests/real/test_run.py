"""sigroute run for real, as anybody: exit codes, forwarding, reaping."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["sh", "-c", "exit 3"], 3),
        (["true"], 0),
        (["sh", "-c", "kill -9 $$"], 137),
        (["no-such-program"], 127),
        (["/etc"], 126),
        (["/etc/passwd"], 126),
    ],
)
def test_exit_codes(command: list[str], code: int) -> None:
    assert subprocess.run([*SIGROUTE, "--quiet", "--", *command], check=False, timeout=60).returncode == code


@pytest.mark.forms("sigroute", "whole")
def test_bad_usage_and_bad_rules(tmp_path: Path) -> None:
    assert subprocess.run(SIGROUTE, check=False, capture_output=True, timeout=60).returncode == 64
    bad = tmp_path / "bad.toml"
    bad.write_text('[on]\nstop = "QIUT"\n')
    done = subprocess.run([*SIGROUTE, "--rules", bad, "true"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78
    assert "did you mean QUIT?" in done.stderr


def test_term_becomes_what_the_rule_says(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    script = f"trap 'exit 7' QUIT; touch {ready}; while :; do sleep 0.05; done"
    process = subprocess.Popen([*SIGROUTE, "--quiet", "--on", "stop=QUIT", "--", "sh", "-c", script])
    deadline = time.monotonic() + 60
    while not ready.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=60) == 7


def test_the_environment_is_passed_on_unchanged() -> None:
    done = subprocess.run(
        [*SIGROUTE, "--quiet", "--", "env"],
        check=True, capture_output=True, text=True, timeout=60,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd())},
    )  # fmt: skip
    assert "LC_CTYPE" not in done.stdout
