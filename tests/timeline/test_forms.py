"""A timeline as text, JSON, Mermaid and SVG: each has all of it, whatever the names are."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.timeline import Line, timeline_of
from sigroute.timeline.document import document
from sigroute.timeline.mermaid import mermaid
from sigroute.timeline.model import Lane, Span, Timeline
from sigroute.timeline.scale import Scale
from sigroute.timeline.svg import WIDTH, svg
from sigroute.timeline.text import bar, text
from tests.timeline.lines import WEB, lines, timeline

XML = "{http://www.w3.org/2000/svg}"

TEXT = """\
 0.000  web waits for db
        db started as cmd
 2.000  db is ready
        web started as cmd
 9.000  TERM from outside
        stop: TERM asks for it
        db: TERM waits for web [x]
        web: QUIT in 5s [x]
14.000  web gets QUIT [x]
        web: KILL in 10s [x]
24.000  web gets KILL [x]
        web was ended by KILL, status 137
        db gets TERM [x]
25.000  db exited with 0
        stop: processes left behind: 2; they get
          TERM, and KILL in 5s
30.000  stop: remaining processes: 1; they are
          killed
        ends with 3

web         *..=========------############
db          *++=========::::::::::::::::::#
left behind *                              #######
             0                            30.000 s
. waits to be started, + starts, = runs, : waits
for others to exit, - waits before its first stop
signal, # has got a stop signal, * on the critical
path

The start takes 2s: db 2s.
The stop takes 21s, and the container ends with 3.
Critical path: web 15s + db 1s + left behind 5s.
The longest part: web goes on for 10s after QUIT,
until KILL.
"""


def test_text() -> None:
    assert "".join(f"{line}\n" for line in text(timeline(WEB), 50)) == TEXT


@pytest.mark.parametrize("columns", [20, 41, 100, 300])
def test_text_of_any_width(columns: int) -> None:
    assert max(len(line) for line in text(timeline(WEB), columns)) <= max(columns, 41)


@given(st.lists(st.integers(1, 10**8), min_size=1, max_size=9), st.integers(1, 200))
def test_every_span_is_seen_unless_it_is_short(lengths: list[int], width: int) -> None:
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    kinds = ["waits", "starts", "runs", "held", "after", "command", "delay", "stops", "tree"]
    spans = tuple(Span(kind, end - own, end) for kind, own, end in zip(kinds, lengths, ends, strict=False))
    drawn = bar(Lane("a", spans), Scale(Timeline((), (), ends[-1], ())), width)
    assert len(drawn) <= width
    for kind, character in zip(kinds, ".+=h:c-#~", strict=True):
        long = any(span.kind == kind and (span.end - span.start) * width >= 2 * ends[-1] for span in spans)
        assert not long or character in drawn


def test_json() -> None:
    found = json.loads(document(timeline(WEB)))
    assert set(found) == {"version", "end", "code", "start", "stop", "signals", "children", "log"}
    assert (found["version"], found["end"], found["code"]) == (1, 30_000, 3)
    assert found["stop"]["took"] == 21_000
    assert found["stop"]["path"][0] == {
        "child": "web", "kind": "delay", "from": 9_000, "to": 14_000, "note": "QUIT", "until": "QUIT",
    }  # fmt: skip
    assert [each["name"] for each in found["children"]] == ["web", "db", "left behind"]
    assert found["children"][0]["signals"] == [{"at": 14_000, "signal": "QUIT"}, {"at": 24_000, "signal": "KILL"}]
    again = timeline_of((each.pop("at"), each.pop("event"), each) for each in found["log"])
    assert document(again) == document(timeline(WEB))
    assert json.loads(document(timeline("0 started a")))["stop"] is None


def test_mermaid() -> None:
    assert list(mermaid(timeline(WEB))) == [
        "gantt",
        "  dateFormat x",
        "  axisFormat %M:%S",
        "  section web",
        "  waits to be started (db) :0, 2000",
        "  runs :done, 2000, 9000",
        "  waits before its first stop signal (QUIT) :crit, 9000, 14000",
        "  has got a stop signal (QUIT) :crit, active, 14000, 24000",
        "  section db",
        "  starts :0, 2000",
        "  runs :done, 2000, 9000",
        "  waits for others to exit (web) :9000, 24000",
        "  has got a stop signal (TERM) :crit, active, 24000, 25000",
        "  section left behind",
        "  has got a stop signal (TERM) :crit, active, 25000, 30000",
        "  section signals",
        "  TERM :milestone, 9000, 9000",
    ]


def picture(found: Timeline, grace: int | None = None) -> ET.Element:
    return ET.fromstring("\n".join(svg(found, "a title", grace)))


def test_svg() -> None:
    drawn = picture(timeline(WEB), grace=15_000)
    assert drawn.get("role") == "group"
    described = {each.get("id", ""): each.text for each in drawn.iter() if each.get("id")}
    assert drawn.get("aria-labelledby") == " ".join(described) == "sigroute-title sigroute-desc"
    assert described["sigroute-title"] == "a title"
    titles = [each.text for each in drawn.iter(f"{XML}title")]
    assert "web waits before its first stop signal (QUIT): 9s to 14s, on the critical path" in titles
    assert "web gets KILL at 24s" in titles
    assert "TERM arrives at 9s" in titles
    assert "the platform kills" in titles
    assert "the platform kills" not in [each.text for each in picture(timeline(WEB), 21_000).iter(f"{XML}title")]
    critical = [each for each in drawn.iter(f"{XML}rect") if "critical" in (each.get("class") or "").split()]
    assert len(critical) == 4 + 1  # and one in the legend


def test_the_bars_are_in_scale_and_within_the_picture() -> None:
    drawn = picture(timeline(WEB))
    bars = [
        (float(each.get("x") or 0), float(each.get("width") or 0))
        for each in drawn.iter(f"{XML}rect")
        if each.find(f"{XML}title") is not None
    ]
    scale = {
        round(width / milliseconds, 2)
        for (_, width), milliseconds in zip(bars, (2_000, 7_000, 5_000, 10_000), strict=False)
    }
    assert len(scale) == 1
    assert all(x + width <= WIDTH for x, width in bars)


@given(st.text(max_size=30))
def test_names_and_notes_of_any_characters(name: str) -> None:
    told: list[Line] = [
        (0, "started", {"child": name, "pid": 1, "command": name}),
        (5_000, "stop", {"signal": name}),
        (5_000, "run", {"child": name, "command": name, "origin": name}),
        (9_000, "exited", {"child": name, "pid": 1, "status": 0}),
    ]
    found = timeline_of(told)
    picture(found)
    json.loads(document(found))
    for each in mermaid(found):
        assert re.fullmatch(r"gantt|  (section .*|\w+ \S+|[^:;#]*:[\w, ]+)", each, re.DOTALL)
    assert list(text(found, 80))


def test_nothing_at_all() -> None:
    empty = timeline_of([])
    picture(empty)
    assert json.loads(document(empty))["children"] == []
    assert "No stop begins: the container goes on." in list(text(empty, 80))
    assert lines("") == []


def test_names_of_signals_do_not_hide_each_other() -> None:
    crowd = "".join(f"{at} signal signal=HUP\n" for at in range(91))
    drawn = picture(timeline(f"0 started a\n{crowd}90 signal signal=TERM\n90 stop\n900 exit"))
    groups = [group for group in drawn.iter(f"{XML}g") if group.get("class") == "arrival"]
    assert [each.text for group in groups for each in group.iter(f"{XML}text")] == ["TERM", "HUP"]


def test_a_short_bar_is_not_hidden_by_a_long_one() -> None:
    spans = (Span("runs", 0, 500), Span("delay", 500, 501), Span("stops", 501, 1_000))
    assert bar(Lane("a", spans), Scale(Timeline((), (), 1_000, ())), 10) == "=====-####"


def test_a_long_name_is_cut() -> None:
    found = timeline(f"0 started {'a' * 60}\n9000 stop")
    assert max(len(line) for line in text(found, 80)) <= 80
    assert f"{'a' * 31}…" in "\n".join(svg(found, "t"))
