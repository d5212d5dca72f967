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
from tests.real.traffic import until

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


FILE = """
[child.web]
command = ["sh", "-c", "echo $$; test -e {folder}/ready && echo stale; sleep 0.3; > {folder}/ready; exec sleep 600"]
user    = "65534:65534"
output  = "{folder}/output"
restart = "always"
ready   = {{ file = "{folder}/ready" }}
"""


def test_a_file_says_that_a_child_is_ready_but_none_of_an_earlier_life(tmp_path: Path, open_folder: Path) -> None:
    need(os.geteuid() == 0, "root: the child has another user")
    (open_folder / "ready").touch()
    with Supervised(tmp_path, FILE.format(folder=open_folder)) as run:
        run.said("is-ready", child="web")
        os.kill(run.said("started", child="web")["pid"], signal.SIGTERM)
        until(lambda: run.events("web").count("is-ready") == 2, "its second life is ready")
        run.send(signal.SIGTERM)
        assert run.wait() == 143
    assert "stale" not in (open_folder / "output").read_text()


def test_a_file_that_the_child_may_not_remove_is_an_error(tmp_path: Path, open_folder: Path) -> None:
    need(os.geteuid() == 0, "root: the child has another user")
    open_folder.chmod(0o755)
    (open_folder / "ready").touch()
    (open_folder / "output").touch()
    (open_folder / "output").chmod(0o666)
    with Supervised(tmp_path, FILE.replace('"always"', '"never"').format(folder=open_folder)) as run:
        assert run.wait() == 126
        reason = run.said("not-started", child="web")["reason"]
    assert reason.endswith("/ready can't be removed: Permission denied (as user 65534, group 65534)")
