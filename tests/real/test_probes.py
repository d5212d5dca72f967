"""Probes of real children: as whom they run, and what they read and write."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.require import need
from tests.real.supervised import Supervised

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.usefixtures("form")

READY = """
[child.web]
command = ["sleep", "600"]
user    = "65534:65534"
cwd     = "/usr"
env     = {{ A = "rules" }}
output  = "{folder}/output"
ready   = {{ run = ["sh", "-c", {probe}], every = "100ms" }}
"""

#: Fails at first.
PROBE = """'''echo wrong; test -e {folder}/seen && exit 0
echo "$(id -u) $A $(pwd)" "$(readlink /proc/self/fd/0 /proc/$$/fd/1 /proc/$$/fd/2)" > {folder}/found
> {folder}/seen; exit 1'''"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Return a folder for every user; those of pytest are closed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        path.chmod(0o777)
        yield path


def test_a_probe_runs_as_the_child_and_nobody_reads_its_output(tmp_path: Path, open_folder: Path) -> None:
    need(os.geteuid() == 0, "root: the child has another user")
    probe = PROBE.format(folder=open_folder)
    with Supervised(tmp_path, READY.format(folder=open_folder, probe=probe)) as run:
        run.said("is-ready", child="web")
        assert (open_folder / "found").read_text() == "65534 rules /usr /dev/null\n/dev/null\n/dev/null\n"
        assert not (open_folder / "output").read_bytes()
        run.send(signal.SIGTERM)
        assert run.wait() == 143
    assert "wrong" not in run.log_path.read_text()


ALIVE = """
[child.web]
command = ["sleep", "600"]
ready   = "100ms"
alive   = {{ run = ["rm", "{folder}/well"], every = "100ms", failures = 2 }}
restart = {{ wait = "1m" }}
"""


def test_a_child_that_is_not_well_is_stopped_and_comes_back(tmp_path: Path) -> None:
    (tmp_path / "well").touch()  # it is well the first time
    with Supervised(tmp_path, ALIVE.format(folder=tmp_path)) as run:
        assert run.said("unwell", child="web")["text"] == "it has exited with 1"
        run.said("comes-back", child="web")
        told = [each for each in run.events("web") if each not in ("run-ended", "reaped")]
        assert told == ["started", "is-ready", "unwell", "not-alive", "sent", "killed", "comes-back"]
        run.send(signal.SIGTERM)
        assert run.wait() == 143
