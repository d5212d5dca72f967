"""From log lines to bars."""

from __future__ import annotations

from sigroute.pid1.log.messages import MESSAGES
from sigroute.timeline import timeline_of
from sigroute.timeline.build import DONE, EXEMPT, FAILED, LANE, SENT, STOPPING, TAIL, UNTOLD
from sigroute.timeline.model import DRAIN, KINDS
from sigroute.timeline.style import STYLE
from sigroute.timeline.text import CHARACTERS
from sigroute.timeline.words import LONGEST
from tests.timeline.lines import WEB, lines, timeline

#: Lines about a child that change nothing of its bar.
NO_CHANGE = {
    "stopped", "continued", "run-ended", "run-not-started", "not-sent", "suspend", "starting", "stop-starting",
    "unknown", "ready-below", "restarted", "ready", "as-term", "too-early", "held-already",
    "hold-over", "duplicate", "ignored", "next", "once-more", "replaced", "cancelled", "unclaimed", "idle",
    "still-busy", "run-ok", "run-failed", "run-late", "stop-unasked", "undecided", "stops-itself", "more-time",
    "stranger", "closed", "flood", "unwell", "well-again", "changed", "unwatched", "outlived",
    "task-fatal", "task-late", "left", "not-lent",
}  # fmt: skip


def spans(text: str, name: str) -> list[tuple[str, int, int, str]]:
    (lane,) = [lane for lane in timeline(text).lanes if lane.name == name]
    return [(span.kind, span.start, span.end, span.note) for span in lane.spans]


def test_every_line_about_a_child_is_known() -> None:
    of_child = {name for name, (_, text) in MESSAGES.items() if "{child}" in text}
    known = {*LANE, *STOPPING, *SENT, *FAILED, *EXEMPT, *DONE, "is-ready"}
    assert known | NO_CHANGE == of_child
    assert not known & NO_CHANGE
    assert set(MESSAGES) >= UNTOLD


def test_every_kind_is_drawn_and_said() -> None:
    kinds = {*LANE.values(), *STOPPING.values()} - {""} | {"starts"}
    assert kinds == set(KINDS) == set(CHARACTERS) == set(LONGEST)
    assert len(set(CHARACTERS.values())) == len(CHARACTERS)
    assert all(f".{kind}" in STYLE for kind in KINDS)


def test_bars() -> None:
    assert spans(WEB, "db") == [
        ("starts", 0, 2_000, ""),
        ("runs", 2_000, 9_000, ""),
        ("after", 9_000, 24_000, "web"),
        ("stops", 24_000, 25_000, "TERM"),
    ]
    assert spans(WEB, "web") == [
        ("waits", 0, 2_000, "db"),
        ("runs", 2_000, 9_000, ""),
        ("delay", 9_000, 14_000, "QUIT"),
        ("stops", 14_000, 24_000, "QUIT"),
    ]
    assert spans(WEB, DRAIN) == [("stops", 25_000, 30_000, "TERM")]


def test_marks_stop_and_end() -> None:
    found = timeline(WEB)
    assert [(mark.at, mark.signal) for mark in found.arrivals] == [(9_000, "TERM")]
    (web,) = [lane for lane in found.lanes if lane.name == "web"]
    assert [(mark.at, mark.signal) for mark in web.marks] == [(14_000, "QUIT"), (24_000, "KILL")]
    assert (found.stop, found.end, found.code) == (9_000, 30_000, 3)


def test_a_child_that_tells_when_it_is_ready_starts_until_then() -> None:
    found = timeline_of(lines("0 started a\n9 stop"), awaited={"a": "is-ready"})
    assert [(span.kind, span.end) for span in found.lanes[0].spans] == [("starts", 9 + TAIL)]


def test_lives() -> None:
    text = "0 started a\n5 exited a\n5 comes-back a number=9\n14 started a\n20 killed a signal=KILL\n20 given-up a"
    assert spans(text, "a") == [("runs", 0, 5, ""), ("back-off", 5, 14, ""), ("runs", 14, 20, "")]


def test_a_tree_that_goes_on() -> None:
    text = (
        "0 started a\n5 stop\n5 sent a\n8 exited a\n8 tree-goes-on a text=b\n9 sent-member a\n12 tree-ended a\n12 exit"
    )
    assert [each[:3] for each in spans(text, "a")] == [("runs", 0, 5), ("stops", 5, 8), ("tree", 8, 12)]


def test_signals_outside_a_stop_are_marks_only() -> None:
    text = "0 started a\n5 signal signal=HUP\n5 waits a signal=USR1\n9 run a\n9 sent a signal=USR1\n20 note"
    assert [each[0] for each in spans(text, "a")] == ["runs"]
    assert [mark.at for mark in timeline(text).lanes[0].marks] == [9]


def test_a_child_that_has_failed_is_stopped_alone() -> None:
    text = "0 started a\n5 not-ready a\n5 sent a\n9 exited a\n9 comes-back a\n10 started a\n12 sent a signal=HUP"
    assert [each[0] for each in spans(text, "a")] == ["runs", "stops", "back-off", "runs"]


def test_the_end_of_a_command_is_no_signal_for_the_child() -> None:
    text = "0 started a\n5 stop\n5 run a command=x\n9 sent-group a signal=KILL origin=run\n9 sent a\n9 exited a"
    assert spans(text, "a") == [("runs", 0, 5, ""), ("command", 5, 9, "x")]
    assert [mark.signal for mark in timeline(text).lanes[0].marks] == ["TERM"]


def test_what_goes_on_is_drawn_a_little_longer() -> None:
    assert timeline("0 started a\n5 stop\n5 sent a").end == 5 + TAIL
    assert timeline("0 started a\n50000 stop\n50000 sent a").end == 55_000
    assert timeline("0 started a\n5 stop\n5 sent a\n86400000 still").end == 5 + TAIL
    assert timeline("").end == TAIL


def test_another_action_in_a_stop_is_not_the_stop() -> None:
    text = """
0 started a
0 started b
5 stop
5 waits-for a text=b origin=stop
5 sent b origin=stop
6 waits a signal=USR1 origin=hup
6 run a command=x origin=hup
7 sent a signal=USR1 origin=hup
9 exited b
9 waits a signal=TERM origin=stop
12 sent a signal=TERM origin=stop
13 sent a signal=KILL origin=grace
13 killed a signal=KILL
"""
    assert spans(text, "a") == [
        ("runs", 0, 5, ""), ("after", 5, 9, "b"), ("delay", 9, 12, "TERM"), ("stops", 12, 13, "TERM"),
    ]  # fmt: skip


def test_who_drops_the_stop_runs_on_until_grace_is_over() -> None:
    text = "0 started a\n5 stop\n5 dropped a\n6 sent a signal=HUP origin=y\n9 sent a signal=KILL origin=grace\n12 exit"
    assert [each[:3] for each in spans(text, "a")] == [("runs", 0, 9), ("stops", 9, 12)]


def test_after_a_hold_another_entry_applies() -> None:
    text = "0 started a\n5 stop\n5 held a origin=x\n8 sent a signal=QUIT origin=y\n9 exited a"
    assert [each[:3] for each in spans(text, "a")] == [("runs", 0, 5), ("held", 5, 8), ("stops", 8, 9)]


def test_a_tree_stays_a_tree_whatever_its_members_get() -> None:
    text = "0 started a\n5 stop\n5 sent a\n6 exited a\n6 tree-goes-on a\n7 waits a\n8 sent-member a\n9 tree-ended a"
    assert [each[:3] for each in spans(text, "a")][-1] == ("tree", 6, 9)


def test_who_was_there_for_no_time_has_a_bar_without_a_length() -> None:
    assert spans("0 started b\n5 not-started a reason=x\n9 exit", "a") == [("runs", 5, 5, "")]
    assert spans("0 left-out a\n9 exit", "a") == []
