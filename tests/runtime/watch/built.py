"""The watch as a shared object in this Python: all of its own C, with surroundings.c around it."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

from runtime.flags import COMPILE
from tests.real.require import need
from tests.runtime.log.built import SANITIZED, SANITIZERS, SOURCES

HERE = Path(__file__).parent

#: Those of runtime/src that are in surroundings.c, or have nothing to do with the watch.
ELSEWHERE = {
    "build_class.c", "command.c", "config.c", "ends.c", "environment.c", "guard.c", "handlers.c", "import.c",
    "kernel.c", "masks.c", "payload.c", "payload_none.c", "posix.c", "python.c", "start.c", "unavailable.c",
}  # fmt: skip


def built(folder: Path) -> ctypes.PyDLL:
    """Compile the watch, and load it."""
    need(shutil.which("cc"), "a C compiler")
    headers = Path(sysconfig.get_path("include"))
    need((headers / "Python.h").exists(), f"{headers}/Python.h (Debian: libpython3-dev)")
    around = HERE / "surroundings.c"
    wraps = [f"-Wl,--wrap={name}" for name in (*re.findall(r"__wrap_(\w+)", around.read_text()), "gmtime_r")]
    more = SANITIZERS if SANITIZED in os.environ else ()
    target = folder / "watch.so"
    sources = [str(path) for path in sorted(SOURCES.glob("*.c")) if path.name not in ELSEWHERE]
    options = [*COMPILE, *more, "-shared", "-fPIC", f"-I{SOURCES}", f"-isystem{headers}", "-Dmain=watch_main"]
    command = ["cc", *options, "-DPYTHON_MAGIC=0", *wraps, "-o", str(target), *sources, str(around)]
    subprocess.run(command, check=True)
    return ctypes.PyDLL(str(target))
