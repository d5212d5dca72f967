"""The language has one door, and each of its rooms uses only those below it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute import language

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
HOUSE = ROOT / "sigroute" / "language"
INSIDE = (HOUSE, ROOT / "tests" / "language")
OUTSIDE = [
    path
    for folder in ("sigroute", "tests", "bench", "docs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not any(path.is_relative_to(each) for each in INSIDE)
]

#: What each may use beside itself.
ROOMS = {
    "read": (),
    "resolve": ("read",),
    "lint": ("read", "resolve"),
    "report": ("read", "resolve"),
    "schema": ("read",),
}


def imported(path: Path) -> Iterator[tuple[str, str]]:
    """What a file imports, for types too: the module, and the name of it or nothing."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def test_nobody_reaches_past_the_door() -> None:
    for path in OUTSIDE:
        for module, name in imported(path):
            assert not module.startswith("sigroute.language."), f"{path}: {module}"
            assert module != "sigroute.language" or name in language.__all__, f"{path}: {name}"


def test_every_name_on_the_door_is_used() -> None:
    used = {name for path in OUTSIDE for module, name in imported(path) if module == "sigroute.language"}
    assert used == set(language.__all__)


def test_the_door_has_what_it_promises_and_nothing_else() -> None:
    assert all(hasattr(language, name) for name in language.__all__)
    with pytest.raises(AttributeError, match="no attribute 'resident'"):
        _ = language.resident


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_those_below_it(room: str) -> None:
    allowed = (room, *ROOMS[room])
    for path in sorted((HOUSE / room).rglob("*.py")):
        for module, name in imported(path):
            parts = [*module.split("."), name]
            assert parts[:2] != ["sigroute", "language"] or parts[2] in allowed, f"{path}: {module}"


def test_the_tests_stand_in_the_same_rooms() -> None:
    for folder in sorted((ROOT / "tests" / "language").iterdir()):
        if folder.is_dir() and folder.name != "__pycache__":
            assert folder.name in ROOMS


def test_no_two_files_of_the_language_and_the_commands_have_one_name() -> None:
    files = [path.name for path in (*HOUSE.rglob("*.py"), *(ROOT / "sigroute").glob("*.py"))]
    twice = {name for name in files if files.count(name) > 1}
    assert twice == {"__init__.py"}
