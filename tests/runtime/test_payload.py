"""The runtime and its payload: it runs as it was compiled, or not at all."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from sigroute.executable import PAGE, executable
from sigroute.payload import HEADER, PART

BROKEN = "it is not as it was compiled (cut off, edited, converted?); copy it or compile it once more"

#: How many bytes are changed, and how many lengths are tried, beyond those that are always.
SAMPLE = 300


def parts() -> dict[str, bytes]:
    chance = random.Random(14)
    return {"plan": chance.randbytes(70_001), "table": chance.randbytes(5_000), "nothing": b""}


@pytest.fixture(scope="module", name="init")
def _init(runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("init") / "init", executable(runtime.read_bytes(), parts()))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def refused(path: Path, mark: Path) -> str:
    """Return what it writes that does not run its command."""
    done = subprocess.run([path, "/usr/bin/touch", mark], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 126, done
    assert done.stdout == ""
    assert not mark.exists()
    return done.stderr


def test_it_runs(init: Path, tmp_path: Path) -> None:
    assert subprocess.run([init, "/usr/bin/touch", tmp_path / "mark"], check=False, timeout=60).returncode == 0
    assert (tmp_path / "mark").exists()


def test_strip_leaves_the_payload(init: Path, tmp_path: Path) -> None:
    path = tmp_path / "stripped"
    subprocess.run(["strip", "-o", path, init], check=True)
    test_it_runs(path, tmp_path)


def test_a_runtime_says_what_makes_an_init_of_it(runtime: Path, tmp_path: Path) -> None:
    assert refused(runtime, tmp_path / "mark") == (
        f"{runtime}: cannot run: it is a runtime without rules; sigroute compile makes an init of it\n"
    )


def places(size: int) -> list[int]:
    """Every byte of header and table, the last, and some of the others."""
    chance = random.Random(14)
    return [*range(HEADER.size + len(parts()) * PART.size), size - 1, *chance.sample(range(size), SAMPLE)]


def test_any_byte_that_has_changed_stops_it(init: Path, tmp_path: Path) -> None:
    data = init.read_bytes()
    begin = data.rindex(b"sigroute payload")
    assert begin % PAGE == 0
    path, chance = Path(shutil.copy(init, tmp_path / "changed")), random.Random(14)
    for at in places(len(data) - begin):
        with path.open("r+b") as file:
            file.seek(begin + at)
            file.write(bytes([data[begin + at] ^ chance.randrange(1, 256)]))
        assert refused(path, tmp_path / "mark") == f"{path}: cannot run: {BROKEN}\n", at
        with path.open("r+b") as file:
            file.seek(begin + at)
            file.write(data[begin + at : begin + at + 1])
    test_it_runs(path, tmp_path)


def test_any_length_it_is_cut_to_stops_it(init: Path, tmp_path: Path) -> None:
    data = init.read_bytes()
    begin = data.rindex(b"sigroute payload")
    path = tmp_path / "cut"
    for at in sorted(places(len(data) - begin), reverse=True):
        if not path.exists():
            shutil.copy(init, path)
        with path.open("r+b") as file:
            file.truncate(begin + at)
        assert refused(path, tmp_path / "mark") == f"{path}: cannot run: {BROKEN}\n", at
