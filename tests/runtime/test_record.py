"""What is recorded beside a runtime."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.record import SUMS, add_sums, origin, record, record_whole
from tests.runtime.built import tools_for

if TYPE_CHECKING:
    import pytest


def test_each_library_is_there_with_its_version_and_where_its_source_is() -> None:
    text = record(tools_for(platform.machine()), platform.machine())
    for name in ("libpython3.", "libc.a\n", "libm.a\n", "libgcc.a\n", "python -m runtime in the sources"):
        assert name in text
    assert text.count("    https://snapshot.debian.org/package/") == 4, text


def test_the_static_sigroute_has_its_licences_with_it() -> None:
    text = record_whole(tools_for(platform.machine(), is_command=True), platform.machine())
    for name in ("modules of attrs ", "modules of tomli ", "LICENSE of attrs", "LICENSE of tomli", "LGPL-2.1.txt"):
        assert name in text
    for word in (
        "Hynek Schlawack",
        "Taneli Hukkinen",
        "GNU LESSER GENERAL PUBLIC LICENSE",
        "Python Software Foundation",
    ):
        assert word in text
    assert text.count("    https://snapshot.debian.org/package/") == 5


def test_a_library_of_no_package_has_its_checksum(tmp_path: Path) -> None:
    library = tmp_path / "libc.a"
    library.write_bytes(b"")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert origin(library) == [f"{library} (sha256 {empty})"]


def test_the_list_of_checksums_keeps_other_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("x86_64", "aarch64"):
        Path(name).write_text("first")
        add_sums(tmp_path / name)
    Path("x86_64").write_text("second")
    add_sums(tmp_path / "x86_64")
    done = subprocess.run(["sha256sum", "--strict", "-c", SUMS], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "aarch64: OK\nx86_64: OK\n")
