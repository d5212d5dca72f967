"""A compiled script, by every Python here: from source by most, and by none that is too old."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import QUITS, RULES, compiled, environment, run
from tests.real.container import Container


def version(python: Path) -> tuple[int, ...]:
    """Return which Python that is; none where it can't be run."""
    show = "import sys; sys.stdout.write('%d %d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", show], check=False, capture_output=True, text=True, timeout=60)
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else ()


def pythons() -> dict[tuple[int, ...], Path]:
    """Return the Pythons of this machine, one of each version."""
    found = [Path(path) for minor in range(6, 20) if (path := shutil.which(f"python3.{minor}"))]
    found += sorted(Path("~/.pyenv/versions").expanduser().glob("*/bin/python3"))
    return {number: path for path in found if (number := version(path))}


def called_python3(folder: Path, python: Path) -> Path:
    """Return a folder in which this Python is python3."""
    folder.mkdir()
    (folder / "python3").symlink_to(python.resolve())
    return folder


def test_by_every_other_python_here(tmp_path: Path) -> None:
    others = {number: path for number, path in pythons().items() if (3, 11) <= number != sys.version_info[:2]}
    if not others:
        pytest.skip("no other Python, 3.11 or newer")
    init = compiled(tmp_path, RULES)
    for number, python in others.items():
        name = "{}.{}".format(*number)
        environ = environment(called_python3(tmp_path / name, python))
        assert f"this is cpython {name}: it starts slower" in run(init, "--sigroute-version", environ=environ).stdout
        with Container(tmp_path, [str(init), "sh", "-c", QUITS], environment=environ) as container:
            container.said("ready")
            container.send(signal.SIGTERM)
            assert container.wait() == 7, (name, container.log())


def test_by_a_python_that_is_too_old(tmp_path: Path) -> None:
    old = {number: path for number, path in pythons().items() if (3, 6) <= number < (3, 11)}
    if not old:
        pytest.skip("no Python older than 3.11")
    init = compiled(tmp_path, RULES)
    for number, python in old.items():
        environ = environment(called_python3(tmp_path / "{}.{}".format(*number), python))
        for words in (["touch", str(tmp_path / "started")], ["--sigroute-version"]):
            done = run(init, *words, environ=environ)
            said = f"{init}: cannot run: it needs Python 3.11 or newer, and python3 is older\n"
            assert (done.returncode, done.stdout, done.stderr) == (126, "", said), number
    assert not (tmp_path / "started").exists()
