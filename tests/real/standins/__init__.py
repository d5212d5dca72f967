"""Stand-ins: one small script under the names of programs that a test machine does not have.

``program.py`` says how each behaves. It notes what happens to it, so that a test need not believe sigroute's log.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRIPT = Path(__file__).parent / "program.py"


class Note(NamedTuple):
    """What a stand-in has written down."""

    when: int  # of the monotonic clock, in ns
    pid: int  # in its own namespace
    what: str  # "start", a signal's name, "end"
    detail: str  # its words; the code of an end


def install(names: Iterable[str], folder: Path, notes: str, root: Path = Path("/")) -> None:
    """Put a stand-in under each name: a path below *root*, or a program of this folder.

    :param notes: where they write their notes, as they see it.
    """
    text = SCRIPT.read_text().replace('NOTES = "/dev/null"', f"NOTES = {notes!r}")
    for name in names:
        path = root / name.lstrip("/") if name.startswith("/") else folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)
    file = root / notes.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    file.chmod(0o666)  # whoever they run as


def read(notes: Path) -> list[Note]:
    """Return what all stand-ins have noted, in order."""
    with suppress(FileNotFoundError):
        lines = (line.split(" ", 3) for line in notes.read_text().splitlines())
        return [Note(int(when), int(pid), what, detail) for when, pid, what, detail in lines]
    return []
