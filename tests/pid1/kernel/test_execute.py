"""Which program is run, as execvp(3) finds it, and the reason where there is none that can be."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel.options import ANY_ERROR, DEFAULT_START
from sigroute.pid1.kernel.start import CannotRunError
from tests.pid1.kernel.starting import start

if TYPE_CHECKING:
    from pathlib import Path


def reason(*argv: str, path: str = "/usr/bin:/bin") -> tuple[int, str]:
    """Return the status and the reason of a start that fails."""
    with pytest.raises(CannotRunError) as caught:
        start(tuple(map(os.fsencode, argv)), {b"PATH": path.encode()}, DEFAULT_START)
    with pytest.raises(ChildProcessError):  # nothing is left of the attempt
        os.waitpid(-1, os.WNOHANG)
    return DEFAULT_START.exit_codes.get(caught.value.number, DEFAULT_START.exit_codes[ANY_ERROR]), str(caught.value)


def test_why_it_cannot_be_run(tmp_path: Path) -> None:
    plain, script = tmp_path / "plain", tmp_path / "script"
    plain.touch(0o644)
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    assert reason("") == (127, "the command is an empty word")
    assert reason("no-such") == (127, "'no-such' was not found in PATH")
    assert reason("./no/such") == (127, "'./no/such': No such file or directory")
    assert reason(str(tmp_path)) == (126, f"'{tmp_path}' is a directory")
    assert reason(str(plain)) == (126, f"'{plain}' is not executable (chmod +x?)")
    assert reason(str(script)) == (127, f"'{script}' is there, but the interpreter it names is not")
    assert reason(f"{plain}/below") == (126, f"'{plain}/below': Not a directory")
    assert reason("plain", path=f"/no/such:{tmp_path}") == (126, "'plain' is in PATH, but: Permission denied")


def ends(*argv: str, path: str) -> int:
    """Run it; return its exit code."""
    pid = start(tuple(map(os.fsencode, argv)), {b"PATH": path.encode()}, DEFAULT_START)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_the_first_in_path_that_may_be_run(tmp_path: Path) -> None:
    for name, mode in {"one": 0o644, "two": 0o755, "three": 0o755}.items():
        (tmp_path / name).mkdir()
        program = tmp_path / name / "program"
        program.write_text(f"#!/bin/sh\nexit {len(name)}1\n")  # 31, 31, 51
        program.chmod(mode)
    path = f"{tmp_path}/none:{tmp_path}/one:{tmp_path}/three:{tmp_path}/two"
    assert ends("program", path=path) == 51
    assert ends(str(tmp_path / "two" / "program"), path="") == 31


def test_an_empty_part_of_path_is_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "program"
    program.write_text("exit 9\n")  # without #!: /bin/sh reads it
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert ends("program", path="/no/such:") == 9
