"""``sigroute convert``: what it prints, and what it says of files that it can't read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigroute.convert import main

if TYPE_CHECKING:
    from pathlib import Path


def test_the_name_says_which_format_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("Procfile", "Procfile.dev", "supervisord.conf"):
        path = tmp_path / name
        path.write_text("web: a" if name.startswith("Procfile") else "[program:web]\ncommand = a")
        assert main([str(path)]) == 0
        out, _ = capfd.readouterr()
        assert out.startswith(f"# made from {name} by sigroute convert")
        assert "\n[child.web]\n" in out


def test_what_can_not_be_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    broken = {"missing": None, "latin.conf": b"\xff", "large.conf": b";" * 300_000, "Procfile": b"what?"}
    for name, data in broken.items():
        path = tmp_path / name
        if data is not None:
            path.write_bytes(data)
        assert main([str(path)]) == 78
        out, err = capfd.readouterr()
        assert not out
        assert err.startswith(f"{path}:")
        assert len(err.splitlines()) == 1


def test_bad_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 64


def test_what_is_no_file_is_not_waited_for(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "fifo")
    kinds = {tmp_path: "a directory", tmp_path / "fifo": "a FIFO or a pipe", "/dev/zero": "a device"}
    for path, kind in kinds.items():
        assert main([str(path)]) == 78
        assert capfd.readouterr().err == f"{path}: cannot read: it is {kind}\n"


def test_a_file_that_others_may_write_is_converted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "Procfile"
    path.write_text("web: a")
    path.chmod(0o666)
    assert main([str(path)]) == 0
    assert "[child.web]" in capfd.readouterr().out
