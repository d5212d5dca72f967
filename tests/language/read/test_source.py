from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from sigroute.language import RuleError, load
from sigroute.language.read.source import LARGEST, read_source

if TYPE_CHECKING:
    from collections.abc import Iterator


def refusal(path: Path) -> str:
    with pytest.raises(RuleError) as raised:
        read_source(str(path), "rules.toml")
    return str(raised.value)


def test_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.toml") == "rules.toml: cannot read: no such file"


def test_no_name_of_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RuleError) as raised:
        load("ngnix")
    assert str(raised.value) == "ngnix: neither bundled rules nor a file of this name\n      did you mean nginx?"


def test_a_name_too_long_for_any_file() -> None:
    with pytest.raises(RuleError, match="file name too long"):
        load("a" * 5_000)


def test_nul_in_the_name() -> None:
    with pytest.raises(RuleError, match="can't contain a NUL"):
        load("a\0b")


def test_directory(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith("rules.toml: cannot read: it is a directory\n")


def test_fifo_never_blocks(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "fifo").startswith("rules.toml: cannot read: it is a FIFO or a pipe\n")


def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name has room for 107 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        assert refusal(tmp_path / "socket") == "rules.toml: cannot read: it is a socket"


def test_device() -> None:
    with pytest.raises(RuleError, match="it is a device"):
        load("/dev/zero")


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.toml").write_text("# nothing\n")
    (tmp_path / "link.toml").symlink_to("real.toml")
    assert read_source(str(tmp_path / "link.toml"), "link.toml").text == "# nothing\n"


def test_the_largest(tmp_path: Path) -> None:
    path = tmp_path / "large.toml"
    path.write_bytes(b"#" * LARGEST)
    assert len(read_source(str(path), "large").text) == LARGEST
    path.write_bytes(b"#" * (LARGEST + 1))
    assert refusal(path).startswith("rules.toml: cannot read: it has over 256 KiB (262145 bytes)\n")


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"[on]\n# caf\xe9\n")
    assert refusal(path) == "rules.toml: cannot read: byte 11 (line 2) is not UTF-8\n      save it as UTF-8"


def test_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf[on]\n")
    assert "begins with a byte order mark" in refusal(path)


def test_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b'[on]\r\n\r\nstop = "QIUT"\r\n')
    with pytest.raises(RuleError) as raised:
        load(str(path))
    assert str(raised.value).splitlines()[1:] == ['    3 | stop = "QIUT"', "      |         ^^^^ did you mean QUIT?"]


@pytest.mark.skipif(os.geteuid() != 0, reason="asked of root only")
def test_others_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "open.toml"
    path.write_text("# nothing\n")
    path.chmod(0o666)
    said = refusal(path)
    assert said.startswith("rules.toml: cannot trust it: others may write it")
    assert said.endswith("chmod o-w rules.toml")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert read_source(str(path), "open").text


@pytest.fixture
def powerless() -> Iterator[None]:
    """Root may read everything: be somebody else meanwhile (capabilities(7), "Effect of user ID changes")."""
    me = os.geteuid()
    if me == 0:
        os.seteuid(65534)
    yield
    os.seteuid(me)


@pytest.mark.usefixtures("powerless")
def test_no_permission() -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "closed.toml"
        path.write_text("# nothing\n")
        path.chmod(0)
        assert "permission denied" in refusal(path)


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in (tmp_path, tmp_path / "no"):
        refusal(path)
    (tmp_path / "good").write_text("")
    read_source(str(tmp_path / "good"), "good")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_nothing_of_another_file_is_told(tmp_path: Path) -> None:
    secret = "root:$6$salt$hash:19000:0:99999:7:::"
    for text in (secret, f"a = {secret}", f'{secret} = "x"', f"token = 1\ntoken = 1 # {secret}", f'[{secret}]\na="x"'):
        path = tmp_path / "shadow"
        path.write_text(text)
        with pytest.raises(RuleError) as raised:
            load(str(path))
        assert "hash" not in str(raised.value)
        assert "token" not in str(raised.value)


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("")
    mode = stat.S_IMODE(path.stat().st_mode)
    load(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == mode
