"""How the runtime starts: its first instruction, and what it asks the kernel for before its own work."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path

    from tests.runtime.images import Init

#: Surroundings that make the C library or a Python read files, where they are asked.
LOUD = {
    "TZ": "/dev/zero", "TZDIR": "/tmp", "LD_LIBRARY_PATH": "/tmp", "LD_PRELOAD": "/tmp/x.so", "LOCPATH": "/tmp",
    "LANG": "de_DE.UTF-8", "LC_ALL": "de_DE.UTF-8", "PYTHONHOME": "/tmp", "PYTHONPATH": "/tmp", "PYTHONSTARTUP": "/x",
    "GLIBC_TUNABLES": "glibc.malloc.check=3",
}  # fmt: skip


def calls(init: Init, log: Path, *options: str) -> list[str]:
    """Return the system calls of an init until it runs its command."""
    need(shutil.which("strace"), "strace")
    subprocess.run(
        ["strace", "-f", "-qq", "-o", log, *options, init.path, "/bin/true"], check=True, timeout=60, env=LOUD
    )
    lines = [line.split(maxsplit=1)[1] for line in log.read_text().splitlines()]
    first, second, *_ = (at for at, line in enumerate(lines) if line.startswith("execve("))
    return lines[first + 1 : second]


def test_the_first_call_blocks_all_signals(init: Init, tmp_path: Path) -> None:
    assert calls(init, tmp_path / "log")[0].startswith("rt_sigprocmask(SIG_BLOCK, ~[], [], 8)")


def test_it_does_so_on_every_machine(any_init: Init) -> None:
    if any_init.native:
        return
    done = any_init.at(any_init.path).run("/bin/true", before=("env", "QEMU_STRACE=1"))
    first, *_ = re.findall(r"^\d+ (\w+\([^)]*\))", done.stderr, re.MULTILINE)
    assert first.startswith("rt_sigprocmask(SIG_BLOCK,"), done.stderr


def test_it_names_no_file_but_the_terminal_and_its_standard_error(init: Init, tmp_path: Path) -> None:
    named = calls(init, tmp_path / "log", "-e", "trace=%file")
    assert {line.split('"')[1] for line in named} <= {"", "/proc/self/fd/2", "/dev/tty"}
