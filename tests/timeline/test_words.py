"""A timeline in words."""

from __future__ import annotations

import attrs
import pytest

from sigroute.pid1.log.messages import MESSAGES
from sigroute.timeline.build import UNTOLD
from sigroute.timeline.model import ENDLESS, OPEN, UNFOLLOWED
from sigroute.timeline.words import moments, said, sentences, time
from tests.timeline.lines import WEB, lines, timeline


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, "0s"), (7, "7ms"), (999, "999ms"), (1_000, "1s"), (1_001, "1.0s"), (2_340, "2.3s"), (60_000, "1m"),
        (61_500, "1m1.5s"), (119_999, "2m"), (3_600_000, "1h"), (3_661_250, "1h1m1.2s"),
    ],
)  # fmt: skip
def test_times(milliseconds: int, text: str) -> None:
    assert time(milliseconds) == text.replace("1.0s", "1s")


def test_lines_have_neither_pids_nor_milliseconds() -> None:
    for name, (_, text) in MESSAGES.items():
        (line,) = lines(f"0 {name} web")
        told = said((0, name, {**line[2], "reason": "r", "program": "p", "pid": 1234, "wait": 5_000, "number": 7_000}))
        assert "1234" not in told or name in UNTOLD or name == "helper-ended"
        assert "ms" not in told.split()
        assert "{" not in told, (name, text)


def test_a_moment_tells_what_happens_several_times_once() -> None:
    found = timeline("5 sent-other\n5 sent-other\n5 exited a\n9 still\n12 exit")
    assert list(moments(found)) == [
        (5, ["a process left behind gets TERM [x] (2 times)", "a exited with 0"]),
        (12, ["ends with 0"]),
    ]


def test_a_stop() -> None:
    assert list(sentences(timeline(WEB), grace=15_000)) == [
        "The start takes 2s: db 2s.",
        "The stop takes 21s, and the container ends with 3.",
        "Critical path: web 15s + db 1s + left behind 5s.",
        "The longest part: web goes on for 10s after QUIT, until KILL.",
        "The platform gives it only 15s, and then kills the container, while these are still there: db.",
    ]
    assert list(sentences(timeline(WEB), grace=30_000))[-1] == "The platform gives it 30s: 9s are left."


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("5 sent a\n9 exited a", "a takes 4ms to exit after TERM"),
        ("5 sent a\n9 sent a signal=KILL\n9 killed a signal=KILL", "a goes on for 4ms after TERM, until KILL"),
        ("5 sent a\n6 sent a signal=INT\n9 exited a", "a takes 3ms to exit after INT"),
        ("5 waits a signal=QUIT\n9 sent a signal=QUIT\n9 exited a", "a gets QUIT only after 4ms"),
        ("5 waits a signal=QUIT\n9 exited a", "a exits by itself after 4ms, before it would get QUIT"),
        ("5 run a command=x\n9 sent a\n9 exited a", "the command that stops a takes 4ms: x"),
        ("5 held a\n9 sent a origin=y\n9 exited a", "TERM for a is held for 4ms, until it has started"),
        ("5 exited a\n5 tree-goes-on a\n9 tree-ended a", "the tree of a goes on for 4ms after a itself has exited"),
        ("5 sent a\n5 exited a\n9 tree-ended a", "the tree of a goes on for 4ms after a itself has exited"),
        ("5 sent a\n5 exited a\n5 drain\n9 exit",
         "processes that nobody has declared go on for 4ms after TERM, in the drain"),
        ("5 sent a\n5 exited a\n5 drain\n9 drain-kill\n9 exit",
         "processes that nobody has declared go on for 4ms after TERM, in the drain, until KILL"),
        ("9 exited a", "a runs on for 4ms, as no signal ends it"),
        ("5 exited a\n5 started t\n9 exited t\n9 task-done t", "t takes 4ms"),
    ],
)  # fmt: skip
def test_the_longest_part(text: str, cause: str) -> None:
    found = timeline(f"0 started a\n5 stop\n{text}\n9 exit")
    assert f"The longest part: {cause}." in list(sentences(found))


def test_no_time_no_end_no_stop() -> None:
    assert list(sentences(timeline("0 started a\n5 stop\n5 sent a\n5 exited a\n5 exit status=7"))) == [
        "The stop takes no time, and the container ends with 7."
    ]
    text = "0 started a\n0 started b\n5 stop\n5 sent a\n5 waits-for b text=a"
    told = {
        OPEN: "The log ends while the stop goes on: a goes on after TERM, b waits for a.",
        ENDLESS: "The stop does not end: a goes on after TERM, b waits for a."
        " The platform kills the container in the end.",
        UNFOLLOWED: "The stop was not followed any further. After 1s it goes on: a goes on after TERM, b waits for a.",
    }
    for rest, sentence in told.items():
        assert list(sentences(attrs.evolve(timeline(text), rest=rest))) == [sentence]
    assert list(sentences(timeline("0 started a\n5 exited a\n5 exit status=7"))) == [
        "The container ends with 7 after 5ms; no signal has asked for that."
    ]
    assert list(sentences(timeline("0 started a\n5 sent a"))) == ["No stop begins: the container goes on."]


def test_a_stop_that_takes_all_the_time_that_there_is_has_too_little() -> None:
    assert (
        list(sentences(timeline(WEB), grace=21_000))[-1]
        == "The platform gives it only 21s, and then kills the container."
    )


def test_a_long_chain_tells_its_longest_parts() -> None:
    text = "0 started c0\n0 stop\n0 sent c0\n"
    for number in range(1, 20):
        at = number * (number + 1) // 2
        text += f"0 started c{number}\n0 waits-for c{number} text=c{number - 1}\n"
        text += f"{at} exited c{number - 1}\n{at} sent c{number}\n"
    (told,) = [each for each in sentences(timeline(f"{text}230 exited c19\n230 exit")) if each.startswith("Critical")]
    assert told.count(" + ") == 8
    assert "11 more " in told  # the first one takes 1 of 230 ms
