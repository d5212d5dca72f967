"""The critical path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.timeline import timeline_of
from sigroute.timeline.critical import longest, named
from tests.timeline.lines import WEB, lines, timeline

if TYPE_CHECKING:
    from sigroute.timeline import Link


def short(path: tuple[Link, ...]) -> list[tuple[str, str, int, int]]:
    return [(link.lane, link.span.kind, link.span.start, link.span.end) for link in path]


def test_a_stop() -> None:
    found = timeline(WEB)
    assert short(found.path) == [
        ("web", "delay", 9_000, 14_000),
        ("web", "stops", 14_000, 24_000),
        ("db", "stops", 24_000, 25_000),
        ("left behind", "stops", 25_000, 30_000),
    ]
    link = longest(found.path)
    assert link is not None
    assert (link.lane, link.span.end) == ("web", 24_000)


def test_a_start() -> None:
    found = timeline(WEB)
    assert short(found.start_path) == [("db", "starts", 0, 2_000)]
    text = "0 needs a text=t\n0 started t\n4 exited t\n4 task-done t\n4 started a\n9 is-ready a\n20 stop"
    made = timeline_of(lines(text), awaited={"a": "is-ready"})
    assert short(made.start_path) == [("t", "runs", 0, 4), ("a", "starts", 4, 9)]


def test_of_several_that_are_waited_for_the_last_one_counts() -> None:
    text = """
0 started a
0 started b
0 started c
10 stop
10 waits-for c text=a,b
10 sent a
10 sent b
14 exited a
19 exited b
19 sent c
25 exited c
25 exit
"""
    assert short(timeline(text).path) == [("b", "stops", 10, 19), ("c", "stops", 19, 25)]
    assert [link.lane for link in timeline(text.replace("14 exited a", "19 exited a")).path] in (["a", "c"], ["b", "c"])


def test_who_was_not_waited_for_is_not_on_the_path_though_it_ends_at_the_same_time() -> None:
    text = """
0 started a
0 started other
0 started c
10 stop
10 waits-for c text=a
10 sent a
10 sent other
19 exited a
19 exited other
19 sent c
25 exited c
25 exit
"""
    assert [link.lane for link in timeline(text).path] == ["a", "c"]


def test_a_task_of_the_end_comes_after_the_last_child() -> None:
    text = "0 started a\n10 stop\n10 sent a\n15 exited a\n15 started t\n29 exited t\n29 exit"
    assert short(timeline(text).path) == [("a", "stops", 10, 15), ("t", "runs", 15, 29)]


def test_what_was_before_the_stop_is_not_on_its_path() -> None:
    text = "0 started a\n10 stop\n30 exited a\n30 exit"
    assert short(timeline(text).path) == [("a", "runs", 10, 30)]


@pytest.mark.parametrize(
    ("note", "names"), [("a", {"a"}), ("a, b", {"a", "b"}), ("a, b and 3 more", {"a", "b"}), ("", {""})]
)
def test_names_of_a_note(note: str, names: set[str]) -> None:
    assert named(note) == names


def test_nothing_took_any_time() -> None:
    assert timeline("0 started a\n0 stop\n0 sent a\n0 exited a\n0 exit").path == ()
    assert longest(()) is None


def test_the_names_of_a_wait_matter() -> None:
    text = """
0 started a
0 started b
0 started c
10 stop
10 waits-for c text=a
10 sent a
10 sent b
15 exited a
15 sent c
15 exited b
25 exited c
25 exit
"""
    for order in (text, text.replace("0 started a\n0 started b", "0 started b\n0 started a")):
        assert [link.lane for link in timeline(order).path] == ["a", "c"]


def test_the_drain_comes_last_even_if_a_child_ends_at_the_same_time() -> None:
    text = "0 started a\n10 stop\n10 sent a\n15 drain\n20 exited a\n20 exit"
    assert short(timeline(text).path)[-1] == ("left behind", "stops", 15, 20)


def test_who_was_up_only_in_the_stop_is_no_part_of_the_start() -> None:
    text = "0 started a\n4 is-ready a\n0 started b\n9 stop\n12 is-ready b\n20 exit"
    assert [link.lane for link in timeline(text).start_path] == ["a"]
