"""Variables in rules, in every form of sigroute: made of its own environment at its start, or nothing is started."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.real.container import SIGROUTE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RULES = """grace = "${GRACE:-1m}"
[child.web]
command = ["printf", "%s\\\\n", "port ${PORT:-80}", "${WORDS...}", "${NAME}"]
"""

LATER = """
[child.first]
command = ["echo", "started"]
[child.second]
command = ["echo", "${NAME}"]
"""


def ran(words: list[str], **environ: bytes) -> tuple[int, bytes, str]:
    """Run sigroute, or an init; return its code, its output, its error output."""
    env = {b"PATH": os.environb[b"PATH"]} | {name.encode(): value for name, value in environ.items()}
    done = subprocess.run(words, check=False, capture_output=True, timeout=60, env=env)
    return done.returncode, done.stdout, done.stderr.decode()


@pytest.mark.parametrize("rules", [RULES, LATER])
def test_what_is_missing_is_told_before_any_child_runs(
    tmp_path: Path, make_init: Callable[..., Path], rules: str
) -> None:
    init = make_init(rules)
    line = 3 if rules == RULES else 5
    for words in ([str(init)], [*SIGROUTE, "--rules", str(tmp_path / "rules.toml")]):
        code, said, told = ran(words)
        assert (code, said) == (78, b"")
        assert f"rules.toml:{line}: NAME is not set in child." in told


def test_values_are_those_at_the_start(tmp_path: Path, make_init: Callable[..., Path]) -> None:
    init = make_init(RULES)
    for words in ([str(init)], [*SIGROUTE, "--rules", str(tmp_path / "rules.toml")]):
        assert ran(words, NAME=b"n", GRACE=b"1 m")[0] == 78
        assert ran(words, NAME=b"\xff ${PORT}")[:2] == (0, b"port 80\n\xff ${PORT}\n")
        assert ran(words, NAME=b"n", PORT=b"8000", WORDS=b" a  b ")[:2] == (0, b"port 8000\na\nb\nn\n")


def test_the_static_sigroute_expands_them_too(tmp_path: Path, whole: Path) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    words = [str(whole), "--rules", str(tmp_path / "rules.toml")]
    assert ran(words)[0] == 78
    assert ran(words, NAME=b"\xff", WORDS=b"a b")[:2] == (0, b"port 80\na\nb\n\xff\n")
