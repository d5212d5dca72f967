"""The runtimes that tests run: each is built once in a test run, by whichever worker comes first."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from runtime.build import build
from runtime.flags import COMPILE, FLAGS, LINK, Flags
from runtime.machines import MACHINES
from runtime.needs import MissingError, find
from runtime.standalone.build import build as build_whole
from tests.real.require import need
from tests.runtime.log.built import SANITIZED, SANITIZERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from runtime.needs import Tools

#: The whole process under the sanitizers, but for Python, which is compiled already. They work in no static executable.
CHECKED = Flags(
    (*COMPILE, *SANITIZERS, "-fno-omit-frame-pointer"),
    (*[flag for flag in LINK if flag not in ("-static", "-Wl,--strip-all")], *SANITIZERS),
)


def built(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return the runtime for the machine of this name; skip the test where a build lacks something."""
    flags = CHECKED if SANITIZED in os.environ else FLAGS
    return once(factory, name, f"sigroute-runtimes/{name}", lambda tools: build(tools, flags))


def built_whole(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return the static sigroute for the machine of this name; likewise."""
    return once(factory, name, f"sigroute-whole/{name}/sigroute", build_whole, is_command=True)


def tools_for(name: str, *, is_command: bool = False) -> Tools:
    """Return what a build for this machine needs; skip the test where something is missing."""
    try:
        return find(MACHINES[name], is_command=is_command)
    except MissingError as error:
        need(ok=False, reason=str(error))
        raise


def once(
    factory: pytest.TempPathFactory, name: str, place: str, make: Callable[[Tools], bytes], *, is_command: bool = False
) -> Path:
    """Return a file that is made once, in this place of the folder that all workers share."""
    need(name in MACHINES, f"a runtime is for {' or '.join(MACHINES)}")
    own = factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own  # a worker's folder is in that of the run (xdist)
    path = shared / place  # runtimes are there as ``sigroute compile`` names them (runtimes.FOLDER)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (path.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            tools = tools_for(name, is_command=is_command)
            part = path.with_suffix(".part")
            part.write_bytes(make(tools))
            part.chmod(0o755)
            part.rename(path)
    return path
