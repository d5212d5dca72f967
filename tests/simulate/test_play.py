"""Runs with modelled children: each word has its effect, at two values and at none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import pytest

from sigroute.simulate.play import HORIZON, Arrival
from sigroute.timeline.model import ENDLESS, UNFOLLOWED
from tests.simulate.scenes import TERM, happened, plan_of, run, spans

if TYPE_CHECKING:
    from pathlib import Path

WEB = '[child.web]\ncommand = ["web"]\n'
PROGRAM = f'{WEB}program = "web"\n'
NEEDS = f'{WEB}needs = "db"\n[child.db]\ncommand = ["db"]\n'


@pytest.mark.parametrize("seconds", [0, 3, 7])
def test_it_exits_so_long_after_the_first_signal(tmp_path: Path, seconds: int) -> None:
    plan = plan_of(tmp_path, WEB + '[child.web.on]\nstop = "TERM 10s KILL"')
    found = run(plan, TERM, web=f"exits:{seconds}s,code:{seconds}")
    assert (found.end, found.code) == (seconds * 1_000, seconds)
    assert run(plan, TERM, web="exits:11s").code == 137


def test_by_default_it_lives_until_its_last_signal(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + '[child.web.on]\nstop = "5s QUIT 10s TERM"')
    assert (run(plan, TERM).end, run(plan, TERM).code) == (15_000, 0)


def test_what_it_ignores_is_no_request(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + '[child.web.on]\nstop = "TERM 4s INT 10s KILL"')
    assert run(plan, TERM, web="exits:1s,ignores:TERM").end == 5_000
    assert run(plan, TERM, web="exits:1s,ignores:TERM,ignores:INT").end == 14_000
    assert run(plan, TERM, web="never").end == 14_000


def test_other_signals_do_not_end_it(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + '[child.web.on]\nHUP = "USR2"\n')
    found = run(plan, attrs.evolve(TERM, signal=1))
    assert found.stop is None
    assert found.code is None
    assert [mark.signal for mark in found.lanes[0].marks] == ["USR2"]


def test_a_signal_that_restarts_it_ends_its_life(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + 'restart = "always"\n[child.web.on]\nHUP = "TERM 10s KILL"\n')
    found = run(plan, attrs.evolve(TERM, signal=1), web="exits:2s")
    assert happened(found, "exited", "web") == [2_000]
    assert happened(found, "started", "web") == [0, 2_000]


@pytest.mark.parametrize("seconds", [0, 2, 5])
def test_it_is_starting_for_a_while(tmp_path: Path, seconds: int) -> None:
    rules = PROGRAM + '[child.web.on]\nstop = "QUIT"\n[child.web.starting]\nstop = { hold = "60s", else = "TERM" }'
    early = attrs.evolve(TERM, at=0)
    found = run(plan_of(tmp_path, rules), early, web=f"starting:{seconds}s")
    assert [mark.signal for mark in found.lanes[0].marks] == ["QUIT"]
    assert seconds * 1_000 <= found.end <= seconds * 1_000 + 100
    (last,) = run(plan_of(tmp_path, rules), early, web="starting:never").lanes[0].marks
    assert (last.at, last.signal) == (60_000, "TERM")


@pytest.mark.parametrize(
    "ready", ['{ listen = "127.0.0.1:80" }', "{ notify = true }", "{ fd = 3 }", '{ file = "/f" }', '{ run = ["x"] }']
)
@pytest.mark.parametrize("seconds", [0, 2, 6])
def test_it_is_ready_after_a_while(tmp_path: Path, seconds: int, ready: str) -> None:
    plan = plan_of(tmp_path, f"{NEEDS}ready = {ready}\n")
    found = run(plan, TERM, db=f"ready:{seconds}s")
    (started,) = happened(found, "started", "web")
    assert seconds * 1_000 <= started <= seconds * 1_000 + 1_000
    assert happened(found, "signal") == [started]  # once the start is over
    never = run(plan, TERM, db="ready:never")
    assert happened(never, "started", "web") == []
    assert never.code is not None


def test_a_signal_at_a_time(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, f'{NEEDS}ready = {{ listen = "127.0.0.1:80" }}')
    arrivals = (Arrival(15, "outside", 500), Arrival(15, "outside", 2_000, later=True))
    found = run(plan, *arrivals, db="ready:2s,exits:10s")
    assert [mark.at for mark in found.arrivals] == [500, 2_500]
    assert happened(found, "started", "web") == []


def test_it_ends_or_crashes_by_itself(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB)
    assert (run(plan, web="crashes:3s").end, run(plan, web="crashes:3s").code) == (3_000, 1)
    assert (run(plan, web="ends:4s").end, run(plan, web="ends:4s").code) == (4_000, 0)
    task = plan_of(tmp_path, NEEDS.replace("child.db", "task.db"))
    assert happened(run(task, TERM, db="ends:7s"), "started", "web") == [7_000]
    assert run(task, TERM, db="crashes:7s").code == 1
    assert happened(run(task, TERM, db="ends:never"), "started", "web") == []


def test_a_crash_loop_is_followed_for_a_while_only(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + 'restart = "always"\n')
    found = run(plan, web="crashes:1s")
    assert 10 < len(happened(found, "started", "web")) < 100
    assert found.code is None


def test_commands_of_actions(tmp_path: Path) -> None:
    stop = 'stop = { run = ["ask"], timeout = "8s", send = "1s TERM", else = "KILL" }'
    plan = plan_of(tmp_path, f"{WEB}[child.web.on]\n{stop}")
    assert [(mark.at, mark.signal) for mark in run(plan, TERM).lanes[0].marks] == [(1_000, "TERM")]
    assert [mark.at for mark in run(plan, TERM, web="run:3s").lanes[0].marks] == [4_000]
    assert [(mark.at, mark.signal) for mark in run(plan, TERM, web="run:fails").lanes[0].marks] == [(0, "KILL")]
    assert [(mark.at, mark.signal) for mark in run(plan, TERM, web="run:never").lanes[0].marks] == [(8_000, "KILL")]


def test_busy_connections(tmp_path: Path) -> None:
    rules = WEB + 'ready = { listen = "127.0.0.1:80" }\n[child.web.on]\nstop = "2s idle 30s QUIT"\n'
    plan = plan_of(tmp_path, rules)
    base = run(plan, TERM).arrivals[0].at
    assert run(plan, TERM).end - base == 2_000
    for seconds in (4, 9):
        assert seconds * 1_000 <= run(plan, TERM, web=f"busy:{seconds}s").end - base - 2_000 <= seconds * 1_000 + 1_000
    assert run(plan, TERM, web="busy:never").end - base == 32_000


def test_a_daemon_that_is_left_behind(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB)
    assert run(plan, TERM, web="leaves:0s").end <= 100
    assert 3_000 <= run(plan, TERM, web="leaves:3s").end <= 3_100
    assert run(plan, TERM, web="leaves:never").end == 5_000


def test_conditions_are_looked_at_in_the_environment_that_is_given(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, NEEDS + 'only-if = ["DB", "/nowhere"]\n')
    assert happened(run(plan, TERM), "left-out", "db") == [0]


@pytest.mark.parametrize("rules", ["", "[child.other]\ncommand = ['other']\n[exit]\nwhen = 'all'\n"])
def test_a_stop_without_an_end(tmp_path: Path, rules: str) -> None:
    found = run(plan_of(tmp_path, WEB + rules), TERM, web="never")
    assert found.code is None
    assert found.end < HORIZON / 10
    assert found.lanes[0].spans[-1].end == found.end


def test_a_reload_in_a_stop_is_no_request(tmp_path: Path) -> None:
    rules = (
        '[child.front]\ncommand = ["f"]\n[child.front.on]\nstop = "2s TERM"\n'
        '[child.app]\ncommand = ["a"]\n[child.app.on]\nstop = { after = "front", send = "TERM" }\nHUP = "HUP"\n'
    )
    found = run(
        plan_of(tmp_path, rules), TERM, Arrival(1, "outside", 1_000, later=True), front="exits:1s", app="exits:500ms"
    )
    assert spans(found, "app") == [("after", 0, 3_000), ("stops", 3_000, 3_500)]
    assert [link.lane for link in found.path] == ["front", "front", "app"]


@pytest.mark.parametrize("seconds", [0, 2, 4])
def test_a_tree_goes_on(tmp_path: Path, seconds: int) -> None:
    plan = plan_of(tmp_path, WEB + 'exited = "tree"\n[child.web.on]\nstop = "TERM 5s KILL"\n')
    found = run(plan, TERM, web=f"exits:1s,tree:{seconds}s")
    assert spans(found, "web")[-1][:2] == (("tree", 1_000) if seconds else ("stops", 0))
    assert found.end - 1_000 - seconds * 1_000 <= 1_000
    assert run(plan, TERM, web="exits:1s,tree:never").end == 5_000


CHAIN = """
[child.web]
command = ["web"]
needs = "mig"
[task.mig]
command = ["mig"]
needs = "db"
[child.db]
command = ["db"]
ready = "2s"
"""


def test_a_start_with_a_task_in_the_middle(tmp_path: Path) -> None:
    found = run(plan_of(tmp_path, CHAIN), TERM, mig="ends:20s")
    assert [(link.lane, link.span.start, link.span.end) for link in found.start_path] == [
        ("db", 0, 2_000),
        ("mig", 2_000, 22_000),
    ]


def test_a_crash_is_not_a_part_of_the_start(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, WEB + 'restart = { wait = "1m" }\n')
    assert run(plan, Arrival(15, "outside", 20_000), web="crashes:5s").start_path == ()


def test_a_child_that_comes_back_is_not_ready_before_its_time(tmp_path: Path) -> None:
    rules = WEB + 'restart = "always"\nready = { listen = "127.0.0.1:80" }\n[child.x]\ncommand = ["x"]\nneeds = "web"\n'
    plan = plan_of(tmp_path, rules)
    found = run(plan, Arrival(15, "outside", 9_000), web="ready:1s,crashes:4s")
    first, second, *_ = happened(found, "is-ready", "web")
    assert first < 2_000
    assert second >= 5_000


@pytest.mark.parametrize(("hold", "starting"), [("35m", "34m"), ("5s", "4s")])
def test_long_waits_are_followed(tmp_path: Path, hold: str, starting: str) -> None:
    rules = f'{PROGRAM}[child.web.on]\nstop = "QUIT"\n[child.web.starting]\nstop = {{ hold = "{hold}", else = "TERM" }}'
    found = run(plan_of(tmp_path, rules), attrs.evolve(TERM, at=0), web=f"starting:{starting}")
    assert found.code == 0
    assert run(plan_of(tmp_path, WEB + '[child.web.on]\nstop = "48h TERM"'), TERM).end == 48 * 3_600_000


def test_what_is_not_followed_is_not_called_endless(tmp_path: Path) -> None:
    rules = f'grace = "100h"\n{PROGRAM}[child.web.on]\nstop = "QUIT"\n[child.web.starting]\nstop = "hold"\n'
    found = run(plan_of(tmp_path, rules), attrs.evolve(TERM, at=0), web="starting:99h")
    assert (found.code, found.rest) == (None, UNFOLLOWED)
    assert run(plan_of(tmp_path, WEB), TERM, web="never").rest == ENDLESS
