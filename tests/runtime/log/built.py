"""The C of the static runtime as a shared object, whose system calls are in the tests' hands (calls.c)."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from pathlib import Path

from runtime.flags import COMPILE
from tests.real.require import need

HERE = Path(__file__).parent
SOURCES = HERE.parents[2] / "runtime" / "src"

#: What test_sanitized.py adds, in a Python that has the sanitizers loaded.
SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")

SANITIZED = "SIGROUTE_SANITIZED"


def built(folder: Path, *names: str) -> ctypes.CDLL:
    """Compile these files of runtime/src with calls.c, and load them."""
    need(shutil.which("cc"), "a C compiler")
    calls = HERE / "calls.c"
    wrapped = [*re.findall(r"__wrap_(\w+)", calls.read_text()), "gmtime_r"]  # this one as in the runtime itself
    wraps = [f"-Wl,--wrap={name}" for name in wrapped]
    more = SANITIZERS if SANITIZED in os.environ else ()
    target = folder / "runtime.so"
    files = [str(SOURCES / name) for name in names]
    command = ["cc", *COMPILE, *more, "-shared", "-fPIC", *wraps, "-o", str(target), *files, str(calls)]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(target), use_errno=True)
