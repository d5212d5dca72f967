"""What the bench needs on a machine."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys

MODULES = ("matplotlib", "rich", "pytest")


def missing() -> str:
    """Return what is missing, and how to get it; empty: nothing is missing."""
    absent = [name for name in MODULES if importlib.util.find_spec(name) is None]
    if absent:
        return f"no {' and no '.join(absent)} for {sys.executable}: pip install -e '.[bench]'"
    if sys.platform != "linux":
        return "PID namespaces are Linux's: run it there"
    if os.geteuid() != 0:
        return f"PID namespaces need root: sudo {sys.executable} -m bench"
    if not shutil.which("cc"):
        return "no C compiler (cc) in PATH: apt-get install gcc libc6-dev, or what your system calls them"
    return ""
