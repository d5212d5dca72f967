"""What C keeps to where Python can't be brought up: `grace`, and CONT for a child that is stopped."""

from __future__ import annotations

import marshal
import os
import platform
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.executable import executable
from sigroute.language import load, outline
from sigroute.pid1.plan import Launch
from sigroute.static.table import table_of
from tests.real.container import Container, children
from tests.real.traffic import until
from tests.runtime.bring_up.conftest import USED
from tests.runtime.bring_up.life import RULES, Scene, got, live
from tests.runtime.built import built

if TYPE_CHECKING:
    from collections.abc import Callable

    Without = Callable[[str], Scene]


@pytest.fixture(name="without")
def _without(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Without:
    """Make an init by these rules whose engine never comes up."""

    def without(rules: str) -> Scene:
        file = scene.folder / "rules.toml"
        file.write_text(rules)
        launch = Launch(plan=outline(load(str(file))), log_level="info")
        runtime = built(tmp_path_factory, platform.machine()).read_bytes()
        broken = marshal.dumps(None)
        init = scene.folder / "init"
        init.write_bytes(executable(runtime, {"table": table_of(launch), "engine": broken, "posix": USED}))
        init.chmod(0o755)
        return Scene(scene.folder, init, scene.child)

    return without


def stop(pid: int) -> None:
    """Stop the only child of this process."""
    (child,) = children(pid)
    os.kill(child, signal.SIGSTOP)
    until(lambda: b") T " in Path(f"/proc/{child}/stat").read_bytes(), "it has stopped")


def learn(pid: int) -> None:
    """Wait until this process has nothing to do: it has taken what was sent to it."""
    until(lambda: not pending(pid) and b") S " in Path(f"/proc/{pid}/stat").read_bytes(), "it waits")


def pending(pid: int) -> int:
    """Return the signals that are pending for the whole process, as a mask."""
    (line,) = re.findall(r"ShdPnd:\s*(\w+)", Path(f"/proc/{pid}/status").read_text())
    return int(line, 16)


def test_a_stopped_child_gets_cont_with_the_stop(without: Without) -> None:
    def stop_and_learn(pid: int) -> None:
        stop(pid)
        learn(pid)

    life = live(without(RULES), shape=stop_and_learn)
    assert not life.faults()
    assert life.reasons


def test_a_child_that_turns_out_to_be_stopped_gets_cont(without: Without) -> None:
    """TERM and CHLD are pending together, and TERM is taken first."""

    def stop_both(pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        stop(pid)

    rules = f'{RULES}CONT = "drop"\n'  # the child must not get the CONT that continues PID 1
    life = live(without(rules), shape=stop_both, meanwhile=lambda pid: os.kill(pid, signal.SIGCONT))
    assert not life.faults()
    assert life.reasons


@pytest.mark.parametrize("shape", ["process", "process-group"])
def test_the_child_is_killed_at_the_end_of_grace(without: Without, shape: str) -> None:
    scene = without(f'grace = "400ms"\n[on]\nstop = {{ send = "QUIT 200s KILL", scope = "{shape}" }}\n')
    with Container(scene.folder, [str(scene.init), str(scene.child)]) as container:
        until(lambda: got(container) == ["READY"], "the child is ready")
        began = time.monotonic()
        container.send(signal.SIGTERM)
        assert container.wait() == 128 + signal.SIGKILL
        assert time.monotonic() - began > 0.4
        assert got(container) == ["READY", "QUIT"]


def test_a_stop_that_the_rules_drop_begins_no_grace(without: Without) -> None:
    scene = without('grace = "50ms"\n[on]\nstop = "drop"\nUSR2 = "5s HUP"\nUSR1 = "USR2 100s HUP"\n')
    life = live(scene, expected=["READY", "USR2"])
    assert not life.faults(["READY", "USR2"])
