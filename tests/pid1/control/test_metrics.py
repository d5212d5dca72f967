"""The text of the metrics: it parses, and its numbers are those of the log."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from sigroute.pid1.control.metrics import METRICS, REASONS
from sigroute.pid1.engine import events as ev
from sigroute.pid1.names import name_of
from tests.pid1 import histories, many_histories
from tests.pid1.control.counted import Counted, Samples, by
from tests.pid1.histories import History, live_through
from tests.pid1.many_histories import ManyHistory
from tests.pid1.scene import Scene
from tests.pid1.world import World

if TYPE_CHECKING:
    import random

HISTORIES = int(os.environ.get("SIGROUTE_HISTORIES", "20000")) // 40

#: What the log says of a signal that a child does not get.
DROPS = "dropped protected too-early duplicate ignored held-already"


def live(pick: random.Random) -> None:
    many = pick.choice((False, True))
    world = World((many_histories if many else histories).plan(pick), proc=pick.choice((True, True, False)))
    counted = Counted(world)
    history = (ManyHistory if many else History)(world, pick)
    history.play(pick.choice((5, 20)))
    first = counted.samples()
    history.play_on(20)
    last = counted.samples()
    never_back(first, last)
    agrees(counted, last)


@pytest.mark.parametrize("shard", range(2))
def test_the_numbers_are_those_of_the_log(shard: int) -> None:
    live_through(HISTORIES, live, after=shard * HISTORIES)


def agrees(counted: Counted, found: Samples) -> None:
    """Compare with the lines, for all that has some."""
    told = counted.told
    assert by(found, "sigroute_signals_received_total", "signal", "sender") == told("signal", "signal", "sender")
    sent = told("sent sent-group sent-member sent-other", "child", "signal")
    assert by(found, "sigroute_signals_sent_total", "child", "signal") == sent
    assert by(found, "sigroute_signals_failed_total", "child", "signal") == told("not-sent", "child", "signal")
    assert by(found, "sigroute_signals_held_total", "child", "signal") == told("held", "child", "signal")
    assert by(found, "sigroute_signals_dropped_total", "child", "signal") == told(DROPS, "child", "signal")
    for event, reason in REASONS.items():
        drops = by(found, "sigroute_signals_dropped_total", "child", "signal", "reason")
        assert {key[:2]: value for key, value in drops.items() if key[2] == reason} == told(event, "child", "signal")
    reaped = {("child",): "exited killed", ("command",): "run-ended", ("adopted",): "reaped"}
    kinds = {kind: sum(told(events).values()) for kind, events in reaped.items()}
    assert by(found, "sigroute_processes_reaped_total", "kind") == {key: value for key, value in kinds.items() if value}
    assert by(found, "sigroute_child_starts_total", "child") == told("started", "child")
    assert by(found, "sigroute_child_start_failures_total", "child") == told("not-started start-later", "child")
    assert by(found, "sigroute_child_restarts_total", "child") == told("comes-back", "child")
    kills = [fields for name, fields in counted.lines if name.startswith("sent") and fields["signal"] == "KILL"]
    later = by(found, "sigroute_signals_escalated_total", "child", "signal")
    assert all(number <= sent[key] for key, number in later.items())
    assert sum(each["origin"] in ("grace", "drain") for each in kills) <= sum(later.values())


def never_back(first: Samples, last: Samples) -> None:
    for (name, labels), value in first.items():
        if name.endswith(("_total", "_count", "_sum")):
            assert last[name, labels] >= value, name


def test_a_step_after_the_first_is_an_escalation_and_so_is_the_kill_of_grace() -> None:
    scene = Scene(
        'grace = "8s"\n[child.a]\ncommand = ["a"]\non.stop = "1s INT 2s TERM QUIT 60s KILL"\n'
        '[child.b]\ncommand = ["b"]\non.USR1 = "USR1 1s USR2"\n'
    )
    counted = Counted(scene)
    for child in "ab":
        scene.become(child, child)
    scene.signal("USR1")
    scene.signal("TERM", at=5000)
    scene.until(30_000)
    assert by(counted.samples(), "sigroute_signals_escalated_total", "child", "signal") == {
        ("b", "USR2"): 1, ("a", "TERM"): 1, ("a", "QUIT"): 1, ("a", "KILL"): 1, ("b", "KILL"): 1,
    }  # fmt: skip


def test_the_first_signals_of_an_action_are_none_nor_is_a_cont_that_wakes_a_stopped_child() -> None:
    scene = Scene('[on]\nstop = "TERM 5s KILL"\nHUP = "HUP"\n')
    counted = Counted(scene)
    scene.signal("HUP")
    scene.signal("HUP")
    scene.freeze("server")
    scene.signal("TERM")
    scene.freeze("server")
    scene.until(scene.now + 1000)
    sent = by(counted.samples(), "sigroute_signals_sent_total", "signal")
    assert sent[("CONT",)] > 0
    assert by(counted.samples(), "sigroute_signals_escalated_total", "signal") == {}


def test_an_action_that_starts_again_starts_with_its_first_signal() -> None:
    scene = Scene('[on]\nUSR1 = { send = "USR1 1s USR2", again = "repeat" }\n')
    counted = Counted(scene)
    scene.signal("USR1")
    scene.signal("USR1", at=500)
    scene.until(5000)
    assert [signal for _, _, signal in scene.sent] == ["USR1", "USR2", "USR1", "USR2"]
    assert by(counted.samples(), "sigroute_signals_escalated_total", "signal") == {("USR2",): 2}


def test_a_stop_lasts_from_its_action_to_the_exit_and_a_part_of_it_is_waited() -> None:
    scene = Scene(
        '[child.front]\ncommand = ["front"]\n[child.back]\ncommand = ["back"]\n'
        'on.stop = { after = "front", send = "forward" }\n'
        '[drain]\nwait = "0s"\n'
    )
    counted = Counted(scene)
    scene.signal("TERM", at=10_000)
    begun = counted.samples()
    assert by(begun, "sigroute_child_stops_total", "child") == {("front",): 1, ("back",): 1}
    assert by(begun, "sigroute_child_stop_seconds_count", "child") == {}
    scene.exit("front", at=11_500)
    scene.exit("back", at=14_001)
    found = counted.samples()
    assert by(found, "sigroute_child_stops_total", "child") == {("front",): 1, ("back",): 1}
    assert by(found, "sigroute_child_stop_seconds_count", "child") == {("front",): 1, ("back",): 1}
    assert by(found, "sigroute_child_stop_seconds_sum", "child") == {("front",): 1.5, ("back",): 4.001}
    assert by(found, "sigroute_child_stop_waited_seconds_total", "child") == {("back",): 1.5}


def test_a_stop_that_grace_has_cut_short_lasts_until_the_exit_too() -> None:
    scene = Scene('grace = "2s"\n[on]\nstop = "TERM"\n')
    counted = Counted(scene)
    scene.child("server").handled = (1 << 64) - 1
    scene.signal("TERM", at=1000)
    scene.until(3000)
    scene.reap()
    assert scene.ends() == 137
    assert by(counted.samples(), "sigroute_child_stop_seconds_sum", "child") == {("server",): 2}


def test_with_a_tree_the_stop_lasts_until_all_of_it_has_ended() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\nexited = "tree"\n[on]\nstop = "TERM"\n')
    counted = Counted(scene)
    left = scene.fork(scene.child("a"), alone=False)
    assert left is not None
    scene.signal("TERM", at=1000)
    scene.exit("a", at=2000)
    assert by(counted.samples(), "sigroute_child_stop_seconds_count", "child") == {}
    scene.end(left, at=4000)
    scene.until(6000)
    assert by(counted.samples(), "sigroute_child_stop_seconds_sum", "child") == {("a",): 3}


def test_what_is_true_now_is_told_as_it_is_now() -> None:
    scene = Scene('[child.a]\ncommand = ["a"]\nrestart = "always"\nready = "5s"\n[child.b]\ncommand = ["b"]\n')
    counted = Counted(scene)
    assert by(counted.samples(), "sigroute_state", "sigroute_state") == {("starting",): 1}
    assert by(counted.samples(), "sigroute_child_up", "child") == {("a",): 1, ("b",): 1}
    assert by(counted.samples(), "sigroute_child_ready", "child") == {("b",): 1}
    scene.until(6000)
    assert by(counted.samples(), "sigroute_child_ready", "child") == {("a",): 1, ("b",): 1}
    assert by(counted.samples(), "sigroute_state", "sigroute_state") == {("running",): 1}
    scene.exit("a", 7)
    found = counted.samples()
    assert by(found, "sigroute_child_up", "child") == {("b",): 1}
    assert by(found, "sigroute_child_exit_status", "child") == {("a",): 7}
    scene.signal("TERM")
    assert by(counted.samples(), "sigroute_state", "sigroute_state") == {("stopping",): 1}
    ((_, began),) = [item for item in counted.samples().items() if item[0][0] == "sigroute_start_time_seconds"]
    assert 0 < began <= time.time() + 1  # of the process above: that is sigroute, above a server


def test_any_name_of_a_child_is_a_label() -> None:
    name = 'a"b\\c\nd{},é'
    scene = Scene('[child.a]\ncommand = ["a"]\n')
    child = scene.plan.children[0].but(name=name)
    scene.plan = scene.plan.but(children=(child,))
    counted = Counted(scene)
    scene.feed(ev.Signal(signal=37, sender="inside"))
    assert by(counted.samples(), "sigroute_child_up", "child") == {(name,): 1}
    assert by(counted.samples(), "sigroute_signals_received_total", "signal") == {(name_of(37),): 1}


def test_each_metric_says_what_it_is() -> None:
    text = Counted(Scene()).text()
    assert text.endswith("\n# EOF\n")
    told = {each.name: each for each in text_string_to_metric_families(text)}  # type: ignore[no-untyped-call]
    assert list(told) == [metric.name for metric in METRICS]
    for metric in METRICS:
        family = told[metric.name]
        assert (family.type, family.documentation, family.unit) == (metric.kind, metric.help, metric.unit)
        assert re.fullmatch(r"sigroute(_[a-z]+)+", metric.name)
        assert metric.help.endswith(".")
        assert bool(metric.unit) == metric.name.endswith("_seconds")
