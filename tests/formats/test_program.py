"""What becomes of one program of a supervisord.conf."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.formats.draft import written
from sigroute.formats.supervisord import tables_of
from sigroute.language import load

if TYPE_CHECKING:
    from pathlib import Path


def child(*lines: str) -> tuple[dict[str, Any], list[str]]:
    """Return the child, and the comments above it."""
    text = "\n".join(["[program:a]", *(line for line in lines if line.startswith("command=")), *lines])
    if "command=" not in text:
        text += "\ncommand=x"
    rules = "\n".join(written(tables_of(text, "s.conf"), "heading"))
    above = rules.partition("[child.a]")[0].splitlines()
    return tomllib.loads(rules)["child"]["a"], [line.removeprefix("# ") for line in above[2:]]


@pytest.mark.parametrize(
    ("lines", "restart"),
    [
        ([], {"unless": [0], "attempts": 4, "stable": "1s"}),
        (["autorestart=false"], None),
        (["autorestart=false", "startsecs=0"], None),
        (["autorestart=false", "startsecs=5", "startretries=0"], None),
        (["autorestart=TRUE", "startsecs=0"], {"unless": []}),
        (["startretries=0", "startsecs=3"], {"unless": [0], "attempts": 1, "stable": "3s"}),
        (["exitcodes=2, 2"], {"unless": [2], "attempts": 4, "stable": "1s"}),
        (["exitcodes=0, 2", "startsecs=%(ENV_S)s"], {"unless": [0, 2], "attempts": 4, "stable": "${S}s"}),
    ],
)
def test_a_start_that_supervisord_takes_for_done_is_no_attempt(lines: list[str], restart: object) -> None:
    found, comments = child(*lines)
    assert found.get("restart") == restart
    assert comments == []


@pytest.mark.parametrize(
    ("lines", "stop"),
    [
        ([], "TERM 10s KILL"),
        (["stopsignal=KILL"], "KILL"),
        (["stopsignal=15"], "TERM 10s KILL"),
        (["stopsignal=SIGINT", "stopwaitsecs=3"], "INT 3s KILL"),
        (["stopwaitsecs=%(ENV_GRACE)s"], "TERM ${GRACE}s KILL"),
        (["stopasgroup=yes"], {"send": "TERM 10s KILL", "scope": "process-group"}),
    ],
)
def test_its_stop(lines: list[str], stop: object) -> None:
    found, comments = child(*lines)
    assert found["on"]["stop"] == stop
    assert comments == []


@pytest.mark.parametrize(
    "line",
    [
        "stopsignal=FOO",
        "stopwaitsecs=1.5",
        "startretries=-1",
        "startsecs=soon",
        "priority=%(ENV_P)s",
        "numprocs=some",
        "exitcodes=ok",
        "exitcodes=256",
        "stopasgroup=%(ENV_G)s",
        "redirect_stderr=%(ENV_R)s",
        "autostart=maybe",
        "autorestart=maybe",
        "umask=9",
        "startretries=%(ENV_N)s",
    ],
)
def test_what_it_can_t_take_is_a_comment(line: str) -> None:
    found, comments = child(line)
    key, _, value = line.partition("=")
    assert comments == [f"{key} = {value} has no counterpart"]
    assert found == child()[0]


def test_what_comes_with_supervisord_has_no_counterpart() -> None:
    _, comments = child("command=/usr/bin/pidproxy /run/x.pid x")
    assert comments == ["pidproxy is supervisord's own: run the program itself, in the foreground"]


def test_without_a_restart_there_are_no_attempts_to_start() -> None:
    found, comments = child("autorestart=no", "startretries=5", "startsecs=20")
    assert "restart" not in found
    assert comments == [
        "startretries = 5 has no counterpart without a restart",
        "startsecs = 20 has no counterpart without a restart",
    ]


@pytest.mark.parametrize(
    "where", ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/1/fd/1", "/proc/self/fd/2", "AUTO", "syslog"]
)
def test_what_goes_to_the_containers_log_anyway(where: str) -> None:
    found, comments = child(f"stdout_logfile={where}", "stderr_logfile=/dev/stderr", "user=nobody")
    assert "output" not in found
    assert comments == []


@pytest.mark.parametrize(
    ("lines", "output", "comments"),
    [
        (["stdout_logfile=NONE"], "null", []),
        (["stdout_logfile=off"], "null", []),
        (["stdout_logfile=auto"], None, []),
        (["stdout_logfile=/dev/tty1"], "/dev/tty1", []),
        (["stdout_logfile=a.log"], None, ["stdout_logfile = a.log: write it from the root, as output"]),
        (["stdout_logfile=%(ENV_D)s/a.log"], "${D}/a.log", ["ROTATES"]),
        (["stderr_logfile=/e"], None, ["stderr_logfile = /e: standard error goes where standard output goes"]),
        (["stdout_logfile=/o", "stderr_logfile=/e", "redirect_stderr=true"], "/o", ["ROTATES"]),
        (["stdout_logfile=/o", "stderr_logfile=/o"], "/o", ["ROTATES"]),
    ],
)
def test_its_output(lines: list[str], output: str | None, comments: list[str]) -> None:
    rotates = 'nothing rotates this file: a task with every = "24h" can run logrotate, with copytruncate'
    found, above = child(*lines)
    assert found.get("output") == output
    assert above == [rotates if each == "ROTATES" else each for each in comments]


def test_its_environment() -> None:
    assert child("environment=A=\"a b\",B='c,d',C=%(ENV_X)s,D=")[0]["env"] == {
        "A": "a b",
        "B": "c,d",
        "C": "${X}",
        "D": "",
    }
    found, comments = child("environment=MSG=it's")
    assert "env" not in found
    assert comments == ["environment = MSG=it's can't be read: no closing quotation"]


def test_a_variable_decides_how_many_there_are_and_whether_any(tmp_path: Path) -> None:
    found, comments = child("numprocs=%(ENV_N)s", "autostart=%(ENV_WANTED)s", "directory=%(ENV_HOME)s/app")
    assert (found["instances"], found["only-if"], found["cwd"]) == ("${N}", "WANTED", "${HOME}/app")
    assert comments == []
    rules = tmp_path / "rules.toml"
    conf = "[program:a]\ncommand=x\nnumprocs=%(ENV_N)s\nstopwaitsecs=%(ENV_S)s\nautostart=%(ENV_WANTED)s\n"
    rules.write_text("\n".join(written(tables_of(conf, "s.conf"), "heading")))
    load(str(rules))


def test_its_own_variables_and_its_group_are_known() -> None:
    found, comments = child("command=x %(ENV_C)s %(ENV_D)s %(group_name)s", 'environment=C="c c"')
    assert found["command"] == ["x", "c", "c", "${D...}", "a"]
    assert (found["env"], comments) == ({"C": "c c"}, [])
