"""What can't be executed, or only by a shell: files for the children that are not the witness."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

#: In a scenario's words: the folder that these are in.
FOLDER = "%/"

SCRIPTS = {
    "no-interpreter": ("exit 9\n", 0o755),  # execvp(3) runs it by /bin/sh: no #!
    "empty": ("", 0o755),
    "bad-interpreter": ("#!/nowhere/sh\n", 0o755),
    "directory-for-interpreter": ("#!/usr\n", 0o755),
    "plain": ("exit 9\n", 0o644),
    "script": ("#!/bin/sh\nexit 11\n", 0o755),
}


def write(folder: Path) -> None:
    """Make them."""
    for name, (text, mode) in SCRIPTS.items():
        (folder / name).write_text(text)
        (folder / name).chmod(mode)
    (folder / "loop").symlink_to("loop")
    (folder / "nowhere").symlink_to("nothing")
    (folder / "directory").mkdir()


def place(words: list[str], folder: Path) -> list[str]:
    """Put the folder in."""
    return [f"{folder}/{word.removeprefix(FOLDER)}" if word.startswith(FOLDER) else word for word in words]
