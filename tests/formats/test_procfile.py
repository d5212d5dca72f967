"""What becomes of a Procfile."""

from __future__ import annotations

import subprocess
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
        ('a $B ${C}d "$E"', ["a", "${B...}", "${C}d", "${E}"]),
        ("bash -c 'exec a'", ["bash", "-c", "exec a"]),
        ("A=1 b 'c d'", ["b", "c d"]),
        ("a > b 2>&1", ["sh", "-c", "exec a > b 2>&1"]),
        ("a ${B:-c}", ["sh", "-c", "exec a $${B:-c}"]),
        ("a '$B'", ["sh", "-c", "exec a '$B'"]),
        ("a $(b)", ["sh", "-c", "exec a $(b)"]),
        ("a && b", ["sh", "-c", "a && exec b"]),
        ("a; b c", ["sh", "-c", "a; exec b c"]),
        ("cd a && exec b", ["sh", "-c", "cd a && exec b"]),
    ],
)
def test_a_shell_runs_what_needs_one_and_becomes_it(command: str, argv: list[str]) -> None:
    child = converted(f"web: {command}")["child"]["web"]
    assert child["command"] == argv
    assert "exited" not in child


@pytest.mark.parametrize(
    "command",
    ["a | b", "a || b", "(a)", "a & b", "if a; then b; fi", "while a; do b; done", "A=1 b && A=2 c", "trap x TERM; a"],
)
def test_where_a_shell_stays_a_stop_is_for_the_whole_group(command: str) -> None:
    child = converted(f"web: {command}")["child"]["web"]
    assert child == {
        "command": ["sh", "-c", command],
        "exited": "tree",
        "on": {"stop": {"send": "TERM", "scope": "process-group"}},
    }


def test_a_shell_of_its_own_may_stay_as_well() -> None:
    child = converted("web: sh -c 'a; b'")["child"]["web"]
    assert (child["command"], child["exited"]) == (["sh", "-c", "a; b"], "tree")


def test_assignments_are_the_environment() -> None:
    child = converted('web: PORT=5000 QUEUE=* A="b c" D=$E f > g')["child"]["web"]
    assert child["env"] == {"PORT": "5000", "QUEUE": "*", "A": "b c", "D": "${E}"}
    assert child["command"] == ["sh", "-c", "exec f > g"]


@pytest.mark.parametrize(
    "command",
    ["A=1 sh -c 'echo $A'", "echo a && echo b", "echo a 2>&1", "false || echo c", "echo 'd;e'; echo $((1+1))"],
)
def test_it_does_what_a_shell_does(command: str) -> None:
    child = converted(f"web: {command}")["child"]["web"]
    argv = [word.replace("$${", "${") for word in child["command"]]
    ours, shells = (
        subprocess.run(words, env={"PATH": "/usr/bin:/bin", **more}, capture_output=True, check=False)
        for words, more in ((argv, child.get("env", {})), (["sh", "-c", command], {}))
    )
    assert (ours.returncode, ours.stdout, ours.stderr) == (shells.returncode, shells.stdout, shells.stderr)


@pytest.mark.parametrize("line", ["web", "web:", ": a", "a b: c"])
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(FormatError, match="Procfile:2: no line of a Procfile"):
        tables_of(f"web: a\n{line}\n", "Procfile")
