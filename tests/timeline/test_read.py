"""Reading logs: what is a line of the log, where a run begins, and what is passed over."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.log.log import in_json
from sigroute.timeline.read import parsed, runs

STARTED: dict[str, str | int] = {"child": "web", "pid": 7, "command": "web"}


def written(second: float, name: str, **fields: str | int) -> str:
    text = in_json("info", name, fields).decode()
    return text.replace('"time": "', f'"time": "2026-01-31T12:00:{second:06.3f}Z')


def test_a_line_of_the_log() -> None:
    line = parsed(written(1.5, "started", **STARTED))
    assert line is not None
    assert line[1][1:] == ("started", STARTED)
    later = parsed(written(4, "exit", status=3))
    assert later is not None
    assert later[1][0] - line[1][0] == 2_500


@pytest.mark.parametrize(
    "before", ["", "2026-01-31T12:00:01.5Z ", "[pod/web-0/web] ", "web-1  | ", "\x1b[32mweb |\x1b[0m "]
)
def test_what_is_before_it_is_passed_over(before: str) -> None:
    assert [line[1] for line in runs([before + written(1, "exit", status=0)])[0].lines] == ["exit"]


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "GET /", '{"time": 1}', "null{}", '{"time": "x", "level": "info", "event": "exit", "status": 0}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "nothing"}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit"}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit", "status": [1]}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": ["exit"], "status": 1}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit", "status": "abc"}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit", "status": true}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit", "status": 1e3}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "exit", "status": 99999999999999999999}',
        '{"time": "2026-01-31T12:00:00Z", "level": "info", "event": "comes-back", "child": "a", "number": "x"}',
        '{"time": null, "level": "info", "event": "exit", "status": 1}', "{" * 100_000, '{"a": ' * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_line_of_the_log(text: str) -> None:
    assert parsed(text) is None
    assert runs([text]) == []


@given(st.text() | st.recursive(st.none() | st.text() | st.integers() | st.floats(), st.lists).map(json.dumps))
def test_any_text(text: str) -> None:
    assert parsed(text) is None or "event" in text
    runs([text])


def test_other_output_in_between() -> None:
    log = [
        written(1, "started", **STARTED),
        "GET / 200\n",
        '{"level": "info", "msg": "x"}',
        written(2, "exit", status=0),
    ]
    assert [line[:2] for line in runs(log)[0].lines] == [(0, "started"), (1_000, "exit")]


def test_several_runs() -> None:
    one = [
        written(1, "started", **STARTED),
        written(2, "exited", child="web", pid=7, status=0),
        written(3, "exit", status=0),
    ]
    assert [len(run.lines) for run in runs([*one, *one])] == [3, 3]
    assert runs([*one, *one])[1].lines[0][0] == 0
    killed = [written(1, "started", **STARTED), written(5, "started", **STARTED), written(9, "exit", status=0)]
    assert [[line[0] for line in run.lines] for run in runs(killed)] == [[0], [0, 4_000]]
    again = [one[0], one[1], written(4, "started", **STARTED)]
    assert len(runs(again)) == 1


def test_a_clock_that_goes_back_is_told() -> None:
    (run,) = runs([written(9, "started", **STARTED), written(2, "exit", status=0)])
    assert [line[0] for line in run.lines] == [0, 0]
    assert run.went_back
    assert not runs([written(1, "started", **STARTED), written(2, "exit", status=0)])[0].went_back


def test_two_containers_in_one_log_are_two_runs() -> None:
    log = [
        f"{name} | {line}"
        for line in (written(1, "started", **STARTED), written(2, "exit", status=0))
        for name in ("web-1", "api-1")
    ]
    assert [(run.source, len(run.lines)) for run in runs(log)] == [("web-1", 2), ("api-1", 2)]


def test_the_files_of_docker() -> None:
    line = {"log": written(1, "exit", status=0), "stream": "stderr", "time": "2026-01-31T12:00:01.5Z"}
    assert [each[1] for each in runs([json.dumps(line)])[0].lines] == ["exit"]


def test_what_is_after_it_is_passed_over() -> None:
    assert runs([written(1, "exit", status=0).rstrip() + "\x1b[0m\n"])


def test_when_it_began() -> None:
    assert runs([written(1, "exit", status=0)])[0].beginning() == "2026-01-31 12:00:01"


def test_a_start_that_is_tried_again_is_no_new_run() -> None:
    failed = written(2, "start-later", child="web", reason="x")
    assert len(runs([written(1, "started", **STARTED), failed, written(3, "started", **STARTED)])) == 1
