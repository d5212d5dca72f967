"""From what was told and measured to one side of the picture."""

from __future__ import annotations

from typing import Any

import attrs

from sigroute.demo.story import Event, Evidence, tell

#: TERM was sent at 100 s of the one clock, at 12:00:00.0005 of the other.
WALL = 1_767_268_800.0005


def line(event: str, **fields: Any) -> dict[str, Any]:
    return {"event": event, **fields}


SEEN = Evidence(
    place=[line("started", at=90.0, pid=7), line("ended", at=102.5, code=3)],
    programs=[
        line("ready", at=91.0, port=1, program="server"),
        line("stop", at=100.003, signal=3, program="server"),
        line("finished", at=102.0, program="server"),
    ],
    log=[
        line("signal", time="2026-01-01T12:00:00.000Z", signal="TERM"),
        line("sent", time="2026-01-01T12:00:00.001Z", signal="QUIT", child="server"),
        line("exited", time="2026-01-01T12:00:02.000Z", status=0, child="server"),
    ],
    requests=[(101.0 + index / 8, True) for index in range(8)],
    stopped=100.0,
    stopped_on_wall=WALL,
)


def texts(seen: Evidence) -> list[str]:
    return [event.text for event in tell("x", "PID 1", seen).events]


def test_what_everybody_told_in_order() -> None:
    side = tell("sigroute", "PID 1", SEEN)
    assert [(round(event.at, 4), event.text) for event in side.events] == [
        (0.0, "TERM arrives at PID 1"),
        (0.0005, "the rule: QUIT for the server"),
        (0.003, "the server gets QUIT, finishes"),
        (1.375, "requests answered: 4 of 8"),
        (1.875, "requests answered: 8 of 8"),
        (2.0, "the server is done"),
        (2.5, "PID 1 ends, exit code 3"),
    ]
    assert (side.name, side.requests, side.lost) == ("sigroute", 8, 0)


def test_a_program_that_is_killed_before_it_is_told_anything() -> None:
    seen = attrs.evolve(
        SEEN,
        programs=SEEN.programs[:1],
        log=[
            line("sent", at=100.001, signal="TERM", child="script"),
            line("killed", at=100.002, signal="TERM", child="script"),
        ],
        requests=[(100.5, True), *[(100.004, False)] * 29],
        place=[line("ended", at=100.003, code=143)],
    )
    assert texts(seen) == [
        "TERM arrives at PID 1",
        "the script gets TERM",
        "the script dies of it",
        "PID 1 ends, exit code 143",
        "the server is killed, never told",
        "requests cut off: 29 of 30",
        "requests answered: 1 of 30",
    ]
    assert tell("x", "PID 1", seen).lost == 29


def test_two_programs_are_told_apart() -> None:
    seen = attrs.evolve(
        SEEN,
        programs=[*SEEN.programs, line("stop", at=102.1, signal=15, program="database")],
        log=[line("sent", time="2026-01-01T12:00:02.200Z", signal="TERM", child="database")],
    )
    assert texts(seen)[-3:] == [
        "the rule: TERM for the database",
        "the database gets TERM, ends",
        "PID 1 ends, exit code 3",
    ]


def test_a_log_line_written_late_does_not_turn_cause_and_effect_around() -> None:
    late = [line("sent", time="2026-01-01T12:00:00.050Z", signal="QUIT", child="server")]
    assert texts(attrs.evolve(SEEN, log=late))[1:3] == [
        "the rule: QUIT for the server",
        "the server gets QUIT, finishes",
    ]


def test_a_log_line_of_the_same_millisecond_is_not_before_term() -> None:
    same = [line("sent", time="2026-01-01T12:00:00.000Z", signal="QUIT", child="server")]
    assert tell("x", "PID 1", attrs.evolve(SEEN, log=same)).events[1] == Event(0.0, "the rule: QUIT for the server")


def test_a_server_is_not_done_before_its_answers_are_read() -> None:
    seen = attrs.evolve(SEEN, requests=[(102.25, True)])
    assert texts(seen)[-3:] == ["requests answered: 1 of 1", "the server is done", "PID 1 ends, exit code 3"]


def test_few_requests_get_few_lines() -> None:
    seen = attrs.evolve(SEEN, requests=[(101.0, True)])
    assert [text for text in texts(seen) if "answered" in text] == ["requests answered: 1 of 1"]
