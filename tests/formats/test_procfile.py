"""What becomes of a Procfile."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.formats.draft import FormatError, written
from sigroute.formats.procfile import tables_of
from sigroute.language import examine, load

if TYPE_CHECKING:
    from pathlib import Path


def converted(text: str) -> dict[str, Any]:
    """Return what TOML reads of the rules."""
    return tomllib.loads("\n".join(written(tables_of(text, "Procfile"), "heading")))


def test_each_line_is_a_child_and_release_a_task_that_all_need(tmp_path: Path) -> None:
    text = "# a comment\n\nrelease: ./manage.py migrate\nweb: gunicorn app:app --bind 0.0.0.0:$PORT\nwork-er:  celery\n"
    assert converted(text) == {
        "task": {"release": {"command": ["./manage.py", "migrate"]}},
        "child": {
            "web": {"command": ["gunicorn", "app:app", "--bind", "0.0.0.0:${PORT}"], "needs": "release"},
            "work-er": {"command": ["celery"], "needs": "release"},
        },
    }
    path = tmp_path / "rules.toml"
    path.write_text("\n".join(written(tables_of(text, "Procfile"), "heading")))
    assert examine(load(str(path))) == ()
    assert "# PORT is the platform's: whoever starts the container has to set it" in path.read_text()


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("a b", ["a", "b"]),
        ('a "b c"', ["a", "b c"]),
        ("a $B ${C}d", ["a", "${B}", "${C}d"]),
        ("a | b", ["sh", "-c", "exec a | b"]),
        ("a && b", ["sh", "-c", "a && b"]),
        ("a; b", ["sh", "-c", "a; b"]),
        ("A=1 b", ["sh", "-c", "exec A=1 b"]),
        ("a ${B:-c}", ["sh", "-c", "exec a $${B:-c}"]),
        ("a '$B'", ["sh", "-c", "exec a '$B'"]),
        ("a 'b", ["sh", "-c", "exec a 'b"]),
        ("a $(b)", ["sh", "-c", "exec a $(b)"]),
    ],
)
def test_a_shell_runs_what_needs_one(command: str, argv: list[str]) -> None:
    assert converted(f"web: {command}")["child"]["web"]["command"] == argv


@pytest.mark.parametrize("line", ["web", "web:", ": a", "a b: c"])
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(FormatError, match="Procfile:2: no line of a Procfile"):
        tables_of(f"web: a\n{line}\n", "Procfile")
