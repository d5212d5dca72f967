"""``sigroute status --watch`` in a real terminal, and without what it needs."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from sigroute.pid1.exit_codes import UNAVAILABLE
from tests.real.asked import ask, connected
from tests.real.container import SIGROUTE
from tests.real.supervised import Supervised

if TYPE_CHECKING:
    from pathlib import Path

RULES = (
    '[control]\npath = "{path}"\n[child.web]\ncommand = ["sleep", "1000"]\n[child.db]\ncommand = ["sleep", "1000"]\n'
)


def until_shown(terminal: int, text: bytes, seen: bytes = b"") -> bytes:
    """Read a terminal until it shows a text."""
    while text not in seen:
        seen += os.read(terminal, 1 << 16)
    return seen


def test_it_shows_what_changes_until_the_user_ends_it(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with Supervised(tmp_path, RULES.replace("{path}", str(path))) as run:
        with connected(path):
            pass
        ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40", "NO_COLOR": "1"}
        command = [*SIGROUTE, "status", "--watch", "--control", str(path)]
        with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment, start_new_session=True) as shown:
            until_shown(ours, b"web")
            assert ask(path, "stop", "db") == (0, "")
            assert b"\x1b[31m" not in until_shown(ours, b"down"), "NO_COLOR"
            shown.send_signal(signal.SIGINT)
            assert shown.wait(60) == 128 + signal.SIGINT
        os.close(ours)
        os.close(theirs)
        run.send(signal.SIGTERM)
        run.wait()


def test_it_ends_with_sigroute(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with Supervised(tmp_path, RULES.replace("{path}", str(path))) as run:
        with connected(path):
            pass
        command = [*SIGROUTE, "status", "--watch", "--control", str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as shown:
            run.send(signal.SIGTERM)
            run.wait()
            _, error = shown.communicate(timeout=60)
        assert shown.returncode == UNAVAILABLE
        assert f"cannot ask at {path}" in error or "without an answer" in error or "has ended" in error


def test_without_rich_it_says_how_to_get_it() -> None:
    code = (
        "import sys; sys.modules['rich.live'] = None\n"
        "from sigroute.control.status import main; sys.exit(main(['--watch', '--control', '/nowhere']))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (UNAVAILABLE, "")
    assert done.stderr == "sigroute status --watch: rich is missing: pip install 'sigroute[watch]'\n"
