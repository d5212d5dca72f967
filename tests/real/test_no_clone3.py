"""Where a seccomp filter answers clone3(2) with EPERM and not with ENOSYS, as that of Docker before 20.10.10 does."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.compiled import compiled, environment
from tests.real.container import SIGROUTE
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
[on]
stop = "TERM"
USR1 = { run = ["true"], send = "TERM" }
"""

#: The shell asks for the command of USR1, which asks for its end.
COMMAND = ["sh", "-c", "kill -USR1 $PPID; exec sleep 60"]


@pytest.mark.parametrize("way", ["sigroute", "compiled", "static"])
def test_programs_start(tmp_path: Path, way: str, request: pytest.FixtureRequest) -> None:
    need(shutil.which("strace"), "strace, to refuse a call as such a filter does")
    refuses = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=clone3", "-e", "inject=clone3:error=EPERM"]
    (tmp_path / "rules.toml").write_text(RULES)
    begin = [*SIGROUTE, "--rules", str(tmp_path / "rules.toml")]
    if way == "compiled":
        begin = [str(compiled(tmp_path, RULES))]
    if way == "static":
        request.getfixturevalue("runtimes")
        begin = [str(compiled(tmp_path, RULES, form="static"))]
    done = subprocess.run(
        [*refuses, *begin, "--", *COMMAND], check=False, capture_output=True, text=True, env=environment(), timeout=60
    )
    assert "succeeded" in done.stderr
    assert done.returncode == 143
