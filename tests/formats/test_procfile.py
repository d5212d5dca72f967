"""What becomes of a Procfile."""

from __future__ import annotations

import os
import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.formats.draft import FormatError, written
from sigroute.formats.procfile import tables_of
from sigroute.language import compile_plan, examine, load
from sigroute.pid1.entry.expand import expanded

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
        ('a $B ${C}d "$E" $F"g"', ["a", "${B...}", "${C:-}d", "${E:-}", "${F:-}g"]),
        ('a "$B" "c $B d" $B', ["a", "${B:-}", "c ${B:-} d", "${B...}"]),
        ("bash -c 'exec a'", ["bash", "-c", "exec a"]),
        ('bash -lc "exec a $B"', ["sh", "-c", 'exec bash -lc "exec a $B"']),
        ("exec a b", ["a", "b"]),
        ("A=1 b 'c d'", ["b", "c d"]),
        ("a > b 2>&1", ["sh", "-c", "exec a > b 2>&1"]),
        ("a ${B:-c}", ["sh", "-c", "exec a $${B:-c}"]),
        ("a '$B ${C}'", ["a", "$B $${C}"]),
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
    child = converted('web: PORT=5000 QUEUE=* A="b c" D=$E f g')["child"]["web"]
    assert child["env"] == {"PORT": "5000", "QUEUE": "*", "A": "b c", "D": "${E:-}"}
    assert child["command"] == ["f", "g"]


LINES = r"""
printenv ONE
printf [%s] "$SPACED" "x $SPACED y" $SPACED z
printf [%s] "$UNSET" $UNSET ${UNSET:-y} $ONE"b" "$ONE"_x
A='$ONE' printenv A
A='${UNSET:-y}' printenv A
A="$ONE x" B=* sh -c 'echo "$A $B"'
ONE=2 printf [%s] $ONE
A=1 B=$A printenv B
ONE=3 echo $ONE 2>&1
PATH=/nowhere echo a 2>&1
A=1 sh -c 'echo $A; exit 3'
echo a && echo b
false || echo c
true; exit 3
false; exit $?
false; # comment
echo 'd;e'; echo $((1+1))
printf [%s] a\;b
find /nowhere -exec echo {} \; -print
echo ${X:-a;printf b}
echo ${X:-a && b}
if(true)then echo a;fi
f() { echo f; }; f
exec echo a
exit 3
: && cd / && pwd
cd / && exec pwd
bash -c "echo $SPACED"
sh -c "exec printf [%s] $ONE"
sh -c 'echo "$ONE"; exit 4'
sh -c
"no such"
""
echo /et[c] ~
echo a | cat
echo $(echo b)
trap 'echo bye' EXIT; echo c
echo "a\"b"
echo 'unclosed
""".strip().splitlines()


@pytest.mark.parametrize("line", LINES)
def test_it_does_what_a_shell_does(line: str, tmp_path: Path) -> None:
    environ = {"PATH": "/usr/bin:/bin", "HOME": "/root", "ONE": "1", "SPACED": "a  b"}
    path = tmp_path / "rules.toml"
    path.write_text("\n".join(written(tables_of(f"web: {line}", "Procfile"), "heading")))
    plan = expanded(
        compile_plan(load(str(path)), []), {os.fsencode(name): os.fsencode(value) for name, value in environ.items()}
    )
    ours = [os.fsdecode(word) for word in plan.children[0].argv]
    env = environ | {
        os.fsdecode(name): os.fsdecode(value)
        for name, value in plan.children[0].world.env.items()
        if isinstance(value, bytes)
    }
    program = shutil.which(ours[0], path=env["PATH"])
    shell = subprocess.run(["/bin/sh", "-c", line], env=environ, capture_output=True, check=False)
    if program is None:
        assert shell.returncode == 127
        return
    found = subprocess.run(ours, executable=program, env=env, capture_output=True, check=False)
    assert (found.returncode, found.stdout) == (shell.returncode, shell.stdout)


def test_names_that_a_child_can_t_have() -> None:
    assert [*converted("any: a\nall: b\nweb: c\nweb: d")["child"]] == ["any-", "all-", "web", "web-"]


def test_a_long_line_takes_no_long_time() -> None:
    variables = ":".join(f"$DATABASE_NAME_{number}" for number in range(200))
    assert converted(f"web: URL=x:{variables}:${{Y:-z}} gunicorn app")["child"]["web"]["command"][0] == "sh"


@pytest.mark.parametrize("line", ["web", "web:", ": a", "a b: c"])
def test_a_line_that_is_none(line: str) -> None:
    with pytest.raises(FormatError, match="Procfile:2: not a line of a Procfile"):
        tables_of(f"web: a\n{line}\n", "Procfile")
