"""The timeline of a real run, from its log, against the one that explain makes of the same rules."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tomli

from sigroute.language import compile_plan, load
from sigroute.pid1.names import number_of
from sigroute.simulate.model import CHILD, TASK, changed
from sigroute.simulate.play import Arrival
from sigroute.simulate.run import simulated
from sigroute.timeline import timeline_of
from sigroute.timeline.read import runs
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from sigroute.timeline import Lane, Span, Timeline

HERE = Path(__file__).parent
ACTOR = HERE / "actor.py"
CASES = tomli.loads((HERE / "cases.toml").read_text())

#: Milliseconds by which the two may differ. It is 50 on a quiet machine; tests run beside each other.
AGREE = int(os.environ.get("SIGROUTE_AGREE", "1000"))

COMMAND = re.compile(r"\{(\w+): (\S+)\}")


def rules_of(case: str, folder: Path) -> tuple[str, dict[str, str]]:
    """Return the rules with the commands of the actors, and what each of them does."""
    said = dict(COMMAND.findall(CASES[case]["rules"]))

    def command(found: re.Match[str]) -> str:
        return f"command = {json.dumps([sys.executable, '-IS', str(ACTOR), str(folder), *found.groups()])}"

    return COMMAND.sub(command, CASES[case]["rules"]).replace("{folder}", str(folder)), said


def recorded(case: str, folder: Path) -> Timeline:
    """Run it for real, and return what its log tells."""
    rules, said = rules_of(case, folder)
    at_end = {"t"} & said.keys()
    with Supervised(folder, rules) as run:
        until(lambda: all((folder / f"{name}.up").exists() for name in said.keys() - at_end), "all are up")
        began = time.monotonic()
        for name, at in CASES[case]["signals"]:
            time.sleep(max(began + at / 1_000 - time.monotonic(), 0))
            os.kill(run.process.pid, signal.Signals[f"SIG{name}"])
        run.wait()
        (found,) = runs(run.log_path.read_text().splitlines())
    return timeline_of(found.lines, names=list(said))


def explained(case: str, folder: Path, arrivals: list[Arrival]) -> Timeline:
    """Return what explain makes of the same rules, with signals at the same times."""
    plan = compile_plan(load(str(folder / "rules.toml")))
    said = rules_of(case, folder)[1]
    models = [changed(TASK if child.task is not None else CHILD, said[child.name]) for child in plan.children]
    return simulated(plan, {}, models, tuple(arrivals))


def unmatched(lane: Lane, other: Lane, agree: int) -> list[Span]:
    """Return the bars of a child that the other timeline does not have; one may be too short to be told from none."""
    return [
        span
        for span in lane.spans
        if span.end - span.start > agree
        and not any(
            each.kind == span.kind and abs(each.start - span.start) <= agree and abs(each.end - span.end) <= agree
            for each in other.spans
        )
    ]


@pytest.mark.parametrize("case", CASES)
def test_the_explained_timeline_is_the_recorded_one(case: str, tmp_path: Path) -> None:
    agree = AGREE + CASES[case].get("slack", 0)
    real = recorded(case, tmp_path)
    arrivals = [Arrival(number_of(mark.signal), "outside", mark.at) for mark in real.arrivals]
    made = explained(case, tmp_path, arrivals)
    assert real.code == made.code
    assert abs(real.end - made.end) <= agree, (real.end, made.end)
    lanes = {lane.name: lane for lane in made.lanes}
    for lane in real.lanes:
        other = lanes.pop(lane.name)
        assert [mark.signal for mark in lane.marks] == [mark.signal for mark in other.marks]
        for mark, same in zip(lane.marks, other.marks, strict=True):
            assert abs(mark.at - same.at) <= agree, (lane.name, mark, same)
        assert unmatched(lane, other, agree) == []
        assert unmatched(other, lane, agree) == []
    assert not [lane for lane in lanes.values() if lane.spans]


def test_there_are_twenty() -> None:
    assert len(CASES) >= 20
