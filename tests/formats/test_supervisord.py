"""What becomes of a supervisord.conf."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.formats.draft import FormatError, written
from sigroute.formats.supervisord import ORDER, tables_of
from sigroute.language import examine, load

if TYPE_CHECKING:
    from pathlib import Path

CONF = r"""
[supervisord]
nodaemon=true
user=root
umask=22
environment=LANG="C.UTF-8"
logfile=/dev/null
uvicorn=yes

[program:nginx]
command=nginx -g "daemon off;"
priority=20
autorestart=true
stopsignal=QUIT
stopwaitsecs=30
stdout_logfile=/dev/stdout
stdout_logfile_maxbytes=0
redirect_stderr=true

[program:worker]
command=/app/worker --id=%(process_num)02d --db=%(ENV_DB_HOST)s --rate=5%% ; the workers
numprocs=4
directory=/app
user=www-data
umask=027
environment=A="1,2",B=x,C='%(program_name)s'
priority=10
startsecs=5
startretries=9
exitcodes=0,2
stopasgroup=true
stdout_logfile=/var/log/worker.log
stderr_logfile=/var/log/worker.err
serverurl=AUTO

[program:once]
command=sh -c "echo ${HOME}"
autorestart=false
stdout_logfile=NONE

[program:debug]
command=gdbserver
autostart=false

[group:app]
programs=nginx,worker

[eventlistener:x]
command=listener

[unix_http_server]
file=/var/run/supervisor.sock
"""


def converted(text: str) -> tuple[str, dict[str, Any]]:
    """Return the rules as text, and what TOML reads of it."""
    lines = "\n".join(written(tables_of(text, "s.conf"), "heading"))
    return lines, tomllib.loads(lines)


def test_each_key_that_has_a_counterpart() -> None:
    _, rules = converted(CONF)
    assert rules == {
        "user": "root",
        "umask": "022",
        "env": {"LANG": "C.UTF-8"},
        "child": {
            "nginx": {
                "command": ["nginx", "-g", "daemon off;"],
                "restart": {"unless": [], "attempts": 4, "stable": "1s"},
                "needs": ["worker"],
                "on": {"stop": "QUIT 30s KILL"},
            },
            "worker": {
                "command": ["/app/worker", "--id=${INSTANCE}", "--db=${DB_HOST}", "--rate=5%"],
                "instances": 4,
                "cwd": "/app",
                "user": "www-data",
                "umask": "027",
                "env": {"A": "1,2", "B": "x", "C": "worker"},
                "output": "/var/log/worker.log",
                "restart": {"unless": [0, 2], "attempts": 10, "stable": "5s"},
                "on": {"stop": {"send": "TERM 10s KILL", "scope": "process-group"}},
            },
            "once": {
                "command": ["sh", "-c", "echo $${HOME}"],
                "output": "null",
                "needs": ["nginx"],
                "on": {"stop": "TERM 10s KILL"},
            },
        },
        "exit": {"when": "all"},
    }


def test_each_that_has_none_is_a_comment() -> None:
    text, _ = converted(CONF)
    comments = [line for line in text.splitlines() if line.startswith("# ")]
    assert comments == [
        "# heading",
        "# [eventlistener:x] has no counterpart",
        "# uvicorn = yes has no counterpart",
        f"# {ORDER}",
        "# %(process_num)02d counts from 0, and ${INSTANCE} is 1, 2, 3 and so on, without leading zeros",
        "# serverurl = AUTO has no counterpart",
        '# nothing rotates this file: a task with every = "24h" can run logrotate, with copytruncate',
        "# sigroute opens /var/log/worker.log as www-data, and supervisord as root: www-data must be able to",
        "# stderr_logfile = /var/log/worker.err: standard error goes where standard output goes",
        "# autostart = false: nothing is started on demand yet",
        "# [child.debug]",
        '# command = ["gdbserver"]',
        '# restart = { unless = [0], attempts = 4, stable = "1s" }',
        "# [child.debug.on]",
        '# stop = "TERM 10s KILL"',
        "# supervisord goes on when all its programs have ended; sigroute ends then",
    ]


def test_the_rules_are_valid(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(converted(CONF)[0])
    assert examine(load(str(path))) == ()


@pytest.mark.parametrize("text", ["no section", "[program:a\n", "[a]\nb\n c = d"])
def test_what_is_no_such_file(text: str) -> None:
    with pytest.raises(FormatError, match=r"s\.conf"):
        tables_of(text, "s.conf")


def test_a_program_without_a_command_or_with_a_broken_one() -> None:
    text, rules = converted("[program:a]\n[program:b]\ncommand=x 'y\n")
    assert rules["child"]["a"]["command"] == ["false"]
    assert rules["child"]["b"]["command"] == ["sh", "-c", "x 'y"]
    assert "# it has no command" in text


def test_names_that_a_child_can_t_have() -> None:
    text, rules = converted("[program:celery@host]\ncommand=a\n[program: any ]\ncommand=b\n[program:a b]\ncommand=c\n")
    assert [*rules["child"]] == ["celery-host", "any-", "a-b"]
    assert "# supervisord calls it celery@host" in text


def test_a_comment_may_follow_one_blank() -> None:
    _, rules = converted("[program:a]\ncommand=a b#c # d\nnumprocs=2 # e\nstopsignal=QUIT ; f\n")
    assert rules["child"]["a"]["command"] == ["a", "b#c"]
    assert rules["child"]["a"]["instances"] == 2
    assert rules["child"]["a"]["on"]["stop"] == "QUIT 10s KILL"


def test_the_priority_of_a_group_comes_before_that_of_its_programs() -> None:
    groups = "[group:late]\nprograms=a, b\npriority=2\n[group:early]\nprograms=c\npriority=-1\n"
    programs = [("a", 1), ("b", 5), ("c", 900), ("d", 2)]
    text = groups + "".join(f"[program:{name}]\ncommand=x\npriority={own}\n" for name, own in programs)
    _, rules = converted(text)
    needs = {name: child.get("needs") for name, child in rules["child"].items()}
    assert needs == {"c": None, "a": ["c"], "d": ["a"], "b": ["d"]}


def test_what_it_says_for_all_is_expanded_too() -> None:
    conf = '[supervisord]\nuser=%(ENV_U)s\numask=%(ENV_M)s\nenvironment=A="%(ENV_B)s"\n[program:a]\ncommand=a\n'
    text, rules = converted(conf)
    assert (rules["user"], rules["env"]) == ("${U}", {"A": "${B}"})
    assert "# umask = %(ENV_M)s has no counterpart" in text
