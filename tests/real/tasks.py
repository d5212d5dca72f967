"""What the tests of tasks share: a task that may fail, and a child that needs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.real.container import SIGROUTE, children, comm

if TYPE_CHECKING:
    from pathlib import Path

#: In the log line for a task that ends the container: what stands before its last lines.
FATAL = "so the container ends; the task's last lines: "

#: Says that it runs, and waits until a file is there.
WAITS = "echo begun; while ! [ -e go ]; do sleep 0.02; done; "


def names(pid: int) -> set[str]:
    """Return the names of PID 1's children."""
    return {comm(each) for each in children(pid)}


def command(folder: Path, script: str, more: str = "", *options: str) -> list[str]:
    """Return the command of sigroute with a task, and a child that needs it."""
    (folder / "rules.toml").write_text(f"""
grace = "20s"
[task.migrate]
command = ["sh", "-c", {json.dumps(script)}]
{more}
[child.web]
command = ["sleep", "1000"]
needs   = "migrate"
""")
    return [*SIGROUTE, "--rules", str(folder / "rules.toml"), *options]
