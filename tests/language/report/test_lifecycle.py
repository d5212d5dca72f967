"""What ``check`` says of the lives of children, and the graph of their order."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sigroute.language import graph, load, summary

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.language.resolve.resolved import Resolved

RULES = """
grace = "60s"
[child.web]
command = ["web"]
needs   = ["tables", "worker"]
restart = { unless = [], wait = "1s 5s", attempts = 4 }
[child.worker]
command   = ["worker"]
instances = "${WORKERS:-2}"
needs     = "tables"
restart   = "on-failure"
ready     = "5s"
[child.worker.on]
stop = "TERM 5s KILL"
[child.db]
command = ["db"]
ready   = { listen = "/run/db.sock", within = "2m" }
[child.log]
command = ["log"]
ready   = { run = ["log", "is up"] }
alive   = { run = ["log", "is well"], failures = 5 }
[child.log.on]
stop = { after = "all", send = "TERM" }
[task.tables]
command = ["tables"]
needs   = "db"
timeout = "1m"
[task.often]
command = ["often"]
every   = "1h"
[task.bye]
command = ["bye"]
at      = "end"
"""


@pytest.fixture(name="resolved")
def _resolved(tmp_path: Path) -> Resolved:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return load(str(path))


def test_a_line_for_each(resolved: Resolved) -> None:
    lines = [line for line in summary(resolved, 1000) if "; " in line or ": ready" in line or line.startswith("task ")]
    assert [line for line in lines if "[" not in line and not line.startswith("note: ")] == [
        "web: needs tables, worker; restart always, after 1s 5s, 4 attempts",
        "worker: instances ${WORKERS:-2}; needs tables; ready after 5s; restart unless 0",
        "db: ready when something listens at /run/db.sock, within 2m",
        "log: ready when log 'is up' exits 0, every 1s; alive while log 'is well' exits 0, every 30s, 5 failures",
        "task tables: timeout 1m; needs db",
        "task often: every 1h; optional",
        "task bye: at the end",
        "terminal, if there is one: sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules",
    ]


@pytest.mark.parametrize(
    ("ready", "line"),
    [
        ("{ notify = true }", "ready when it says so by sd_notify"),
        ('{ fd = 3, within = "1m" }', "ready when it writes a newline to descriptor 3, within 1m"),
    ],
)
def test_one_that_says_itself_when_it_is_ready(tmp_path: Path, ready: str, line: str) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(f'[child.web]\ncommand = ["web"]\ngroups = "all"\n[group.all]\nready = {ready}\n')
    assert f"web: {line}" in summary(load(str(path)), 1000)


def test_who_waits_for_children_that_nothing_kills_is_noted(resolved: Resolved) -> None:
    """The worker gets KILL, so nobody waits for it in vain."""
    notes = [line for line in summary(resolved, 1000) if line.startswith("note: ")]
    assert [note.partition(",")[0].partition(";")[0] for note in notes] == [
        "note: worker waits for web", "note: db waits for web", "note: log waits for web",
        "note: tables waits for web",
    ]  # fmt: skip
    assert notes[1] == ("note: db waits for web, tables; no KILL ends that: if one hangs, grace kills db, too")


def test_the_graph_as_text(resolved: Resolved) -> None:
    assert list(graph(resolved, "text")) == [
        "start:",
        "  db",
        "  log",
        "  task often",
        "  task tables  after db",
        "  worker  after task tables",
        "  web  after task tables, worker",
        "stop:",
        "  web",
        "  task often",
        "  worker  after web",
        "  task tables  after web, worker",
        "  db  after web, worker, task tables",
        "  log  after web, worker, db, task tables, task often",
        "  task bye  after all others",
    ]


def test_the_graph_as_mermaid(resolved: Resolved) -> None:
    lines = list(graph(resolved, "mermaid"))
    assert lines[0] == "flowchart LR"
    assert '  c0["web"]' in lines
    assert '  c4(["task tables"])' in lines
    assert "  c2 --> c4" in lines
    stops = [line for line in lines if "stop" in line]
    assert stops == [f"  c{other} -. stop .-> c3" for other in (0, 1, 2, 4, 5)]  # the rest is the start's order


def test_the_graph_as_dot_is_one_that_graphviz_reads(resolved: Resolved) -> None:
    lines = list(graph(resolved, "dot"))
    assert "  c2 -> c4" in lines
    if shutil.which("dot"):
        subprocess.run(["dot", "-Tplain"], input="\n".join(lines), text=True, check=True, capture_output=True)
    assert lines[0] + lines[-1] == "digraph {}"
