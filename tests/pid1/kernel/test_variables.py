"""The environment of a child whose rules say something of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.kernel import variables
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.plan import World
from tests.pid1.kernel.worlds import PATH, seen

if TYPE_CHECKING:
    from pathlib import Path

INHERITED = {b"A": b"1", b"POD_IP": b"::1", b"POD_NAME": b"web", b"HOME": b"/root", b"\xff": b"\xfe", b"": b"=nameless"}
OF_USER = {b"HOME": b"/srv/app", b"USER": b"app"}

#: What ``env`` says, and what becomes of INHERITED and OF_USER then.
MADE: list[tuple[dict[bytes, bytes | bool], dict[bytes, bytes]]] = [
    ({}, {b"A": b"1", b"POD_IP": b"::1", b"POD_NAME": b"web", b"\xff": b"\xfe", **OF_USER}),
    ({b"*": False}, OF_USER),
    ({b"*": False, b"POD_*": True}, {b"POD_IP": b"::1", b"POD_NAME": b"web", **OF_USER}),
    ({b"*": False, b"POD_*": True, b"POD_N*": False}, {b"POD_IP": b"::1", **OF_USER}),
    ({b"*": False, b"A": True}, {b"A": b"1", **OF_USER}),
    ({b"*": False, b"A*": True, b"A": False}, OF_USER),
    ({b"*": False, b"A*": False, b"A": True}, {b"A": b"1", **OF_USER}),
    ({b"*": False, b"A": b"2", b"B": b""}, {b"A": b"2", b"B": b"", **OF_USER}),
    ({b"*": False, b"HOME": b"/"}, {b"HOME": b"/", b"USER": b"app"}),
    ({b"*": False, b"HOME": True}, {b"HOME": b"/root", b"USER": b"app"}),
    ({b"*": False, b"USER": True}, OF_USER),  # none was inherited
    ({b"*": False, b"HOME": False, b"U*": False}, {b"USER": b"app"}),
]


@pytest.mark.parametrize(("env", "made"), MADE)
def test_what_env_makes_of_what_is_there(env: dict[bytes, bytes | bool], made: dict[bytes, bytes]) -> None:
    assert variables.environment(World(env=env), INHERITED, OF_USER) == made


def test_a_file_comes_after_the_user_and_before_env(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text("HOME=/first\nA=first\nB=first\nC=first\nD=first\n")
    second.write_text("B=second\n")
    files = (os.fsencode(first), os.fsencode(second))
    world = World(env_files=files, env={b"*": False, b"A": True, b"C": b"env", b"D": False})
    made = {b"HOME": b"/first", b"USER": b"app", b"A": b"1", b"B": b"second", b"C": b"env"}
    assert variables.environment(world, INHERITED, OF_USER) == made


#: Lines of a file, and the variables in them.
READ = [
    (b"", {}),
    (b"A=1", {b"A": b"1"}),
    (b"\xef\xbb\xbfA=1\r\nB=2\r\n", {b"A": b"1", b"B": b"2"}),
    (b"# A=1\n\n   # B=2\n  \t\nA=#1\n", {b"A": b"#1"}),
    (b"  A= 1 \n", {b"A": b" 1 "}),
    (b"A=\"x y\" 'z' $B ${C} \\n `d`\n", {b"A": b"\"x y\" 'z' $B ${C} \\n `d`"}),
    (b"A=\nA=b=c\n", {b"A": b"b=c"}),
    (b"\xff=\xfe\na.b-c=1\n", {b"\xff": b"\xfe", b"a.b-c": b"1"}),
]


@pytest.mark.parametrize(("data", "found"), READ)
def test_the_lines_of_a_file(data: bytes, found: dict[bytes, bytes], tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_bytes(data)
    assert variables.read(os.fsencode(path)) == found


WRONG = [
    (b"A=1\n\nsecret\n", 'line 3: it has no "=" (a line is NAME=VALUE)'),
    (b"=secret", 'line 1: it has no name before "="'),
    (
        b"export A=secret",
        'line 1: a blank before "=" (a line is NAME=VALUE; no shell reads it, so there is no "export")',
    ),
    (b"A =secret", 'line 1: a blank before "=" (a line is NAME=VALUE; no shell reads it, so there is no "export")'),
    (b"A=sec\0ret", "line 1: it has a NUL byte"),
]


@pytest.mark.parametrize(("data", "reason"), WRONG)
def test_a_line_that_is_no_variable_is_told_and_not_quoted(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_bytes(data)
    with pytest.raises(CannotRunError) as caught:
        variables.read(os.fsencode(path))
    assert str(caught.value) == f"env-file {path}, {reason}"


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "env"
    path.write_bytes(b"A=" + b"x" * (variables.MOST - 2))
    assert len(variables.read(os.fsencode(path))[b"A"]) == variables.MOST - 2
    with path.open("ab") as file:
        file.write(b"x")
    with pytest.raises(CannotRunError, match="it has more than 256 KiB"):
        variables.read(os.fsencode(path))


def test_nobody_waits_for_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "env"
    os.mkfifo(path)
    with pytest.raises(CannotRunError, match="it is not a regular file"):
        variables.read(os.fsencode(path))


def test_a_process_has_them() -> None:
    found = seen({**PATH, b"A": b"1", b"B": b"2"}, env={b"A": False, b"C": b"3"})
    assert {*found["environ"]} == {"PATH=/usr/bin:/bin", "B=2", "C=3"}
