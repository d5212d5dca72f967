"""Nothing is left open: after thousands of events sigroute has the descriptors that it had."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, children, title_of
from tests.real.programs import OF_LIBC
from tests.real.traffic import until

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

EVENTS = 10_000
REAL_TIME = 40  # each of them arrives

#: Makes orphans where it is told to, which are reaped; what is forwarded to it, it ignores.
FAMILY = """
trap '' RTMIN+6
trap 'for i in 1 2 3 4 5; do (sleep 0 &) ; done' USR1
while :; do sleep 1234 & wait $!; kill $!; done
"""

MODES: dict[str, list[str]] = {
    "text": [],
    "debug": ["--log-level", "debug"],
    "warning": ["--log-level", "warning"],
    "quiet": ["--quiet"],
    "json": ["--log", "json", "--log-level", "debug"],
    "tini": ["--as", "tini"],
    "tini -vvv": ["--as", "tini", "-vvv"],
    "tini -w": ["--as", "tini", "-w"],
    "tini -g -vvv -w": ["--as", "tini", "-g", "-vvv", "-w"],
    "dumb-init -v": ["--as", "dumb-init", "-v"],
    "dumb-init -c -v": ["--as", "dumb-init", "-c", "-v"],
    "catatonit": ["--as", "catatonit"],
}


def descriptors(pid: int) -> dict[str, str]:
    """Return what each descriptor of a process is of."""
    return {path.name: str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()}


def at_rest(container: Container) -> bool:
    """Tell whether nothing is pending and nobody is to be reaped."""
    status = Path(f"/proc/{container.pid}/status").read_text()
    masks = {
        name: int(mask, 16) for name, mask in re.findall(r"^(SigPnd|ShdPnd|SigBlk):\t(\w+)$", status, re.MULTILINE)
    }
    waits = not masks["SigPnd"] | masks["ShdPnd"] | masks["SigBlk"] & ~OF_LIBC and "State:\tS" in status
    return waits and len(children(container.pid)) == 1


#: By what it writes to, which is opened anew: a pipe, a terminal.
CASES = [*[(mode, "pipe") for mode in MODES], ("debug", "terminal"), ("tini -vvv", "terminal")]


@pytest.mark.parametrize(("mode", "output"), CASES)
def test_ten_thousand_events_leave_nothing_open(tmp_path: Path, mode: str, output: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    path = str(pipe) if output == "pipe" else "/dev/tty"
    debug = {"CATATONIT_DEBUG": "1"} if mode == "catatonit" else {}
    command = ["sh", "-c", f'exec "$@" >{path} 2>&1', "sh", *SIGROUTE, *MODES[mode], "--", "bash", "-c", FAMILY]
    with Container(tmp_path, command, environment=debug, terminal=output == "terminal") as container:
        until(lambda: "sleep 1234 " in map(title_of, container.processes("sleep 1234")), "the child has its traps")
        storm(container, 100)
        before = descriptors(container.pid)
        storm(container, EVENTS)
        assert descriptors(container.pid) == before
    os.close(reader)


def storm(container: Container, number: int) -> None:
    """Send so many signals, and have orphans made meanwhile."""
    for each in range(number):
        os.kill(container.pid, REAL_TIME)
        if each % 500 == 0:
            container.send(signal.SIGUSR1)
            until(lambda: at_rest(container), "what was queued was taken")
    until(lambda: at_rest(container), "all is told")
