"""The status as a table: what is in its columns, and that no name can write to the terminal."""

from __future__ import annotations

from typing import Any

from sigroute.pid1.control.table import table

CHILD: dict[str, Any] = {
    "name": "web", "kind": "child", "groups": [], "phase": "running", "ready": True, "pid": 12,
    "since": "2026-01-02T03:04:05.678Z", "lives": 1, "status": None, "asked": None, "suspended": False,
            "unwell": 0, "waits": [],
}  # fmt: skip
FOUND: dict[str, Any] = {
    "status": 1, "pid": 1, "since": "2026-01-02T03:04:05.067Z", "state": "running", "stop": None, "groups": {},
    "children": [CHILD], "zombies": [],
}  # fmt: skip


def test_all_of_it() -> None:
    waits = [{"for": "needs", "children": ["web", "db"]}, {"for": "exit", "signal": "TERM"}]
    other = {
        **CHILD, "name": "a-long-name", "ready": False, "phase": "backing off", "pid": None, "lives": 12, "status": 143,
        "waits": waits, "suspended": True, "unwell": 2,
    }  # fmt: skip
    assert table({**FOUND, "children": [CHILD, other]}) == (
        "sigroute (pid 1) since 2026-01-02T03:04:05Z: running\n"
        "\n"
        "CHILD        PHASE        READY  PID  SINCE                 LIVES  LAST EXIT  WAITS\n"
        "web          running      yes    12   2026-01-02T03:04:05Z  1      -          -\n"
        "a-long-name  backing off  no     -    2026-01-02T03:04:05Z  12     143        for web, db; "
        "to exit after TERM; to be continued (it is suspended); to be well again (2 checks failed)\n"
    )


def test_the_line_about_a_stop() -> None:
    stop = {"signal": "TERM", "asked": True, "grace_left_ms": 2_340}
    first = table({**FOUND, "state": "stopping", "stop": stop}).splitlines()[0]
    assert first.endswith(": stopping, TERM asked for it, grace is over in 2.3 s")
    stop = {"signal": "TERM", "asked": False, "grace_left_ms": None}
    assert (
        table({**FOUND, "state": "stopping", "stop": stop}).splitlines()[0].endswith(": stopping, nobody asked for it")
    )


def test_processes_that_do_not_reap() -> None:
    found = [
        {"parent": 7, "name": "sh", "child": "web", "zombies": 3},
        {"parent": 8, "name": "cron", "child": None, "zombies": 1},
    ]
    assert table({**FOUND, "zombies": found}).splitlines()[-3:] == [
        "",
        "pid 7 (sh of web) does not reap its children: zombies: 3",
        "pid 8 (cron) does not reap its children: zombies: 1",
    ]


def test_what_is_not_known() -> None:
    child = {**CHILD, "since": None, "status": 0}
    lines = table({**FOUND, "since": None, "children": [child]}).splitlines()
    assert "since an unknown time: running" in lines[0]
    assert lines[3].split() == ["web", "running", "yes", "12", "-", "1", "0", "-"]


def test_a_terminal_obeys_no_name() -> None:
    bad = "\x1b[2J\x9b\n"
    zombies = [{"parent": 7, "name": bad, "child": bad, "zombies": 1}]
    text = table({**FOUND, "children": [{**CHILD, "name": bad}], "zombies": zombies})
    assert all(line.isprintable() for line in text.splitlines())
    assert text.count("\\x1b[2J\\x9b\\n") == 3
