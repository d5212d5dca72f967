"""Instances of a child: who is there, who needs and waits for whom, what each finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.language import load, outline
from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.entry.values import VariablesError

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan

RULES = """
[child.front]
command = ["front"]
needs   = ["worker", "db"]
[child.worker]
command   = ["worker", "--id=${INSTANCE}", "${OPTIONS...}", "${NAME}"]
instances = "${WORKERS:-2}"
needs     = "db"
env       = { WORKER = "${INSTANCE}" }
cwd       = "/srv/${INSTANCE}"
ready     = { listen = "/run/${INSTANCE}.sock" }
[child.worker.on]
stop = { after = "cache", send = "TERM ${WAIT:-5s} KILL" }
[child.cache]
command   = ["cache"]
instances = 1
[child.db]
command = ["db", "${NAME}"]
[exit]
when = ["worker", "db"]
code = "worker"
"""


def plan_of(folder: Path, text: str = RULES, **environ: str) -> Plan:
    """Return the plan in this environment."""
    (folder / "web.toml").write_text(text)
    environment = {name.encode(): value.encode() for name, value in {"NAME": "n", **environ}.items()}
    return expanded(outline(load(str(folder / "web.toml"))), environment)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_name_means_all_of_them(tmp_path: Path, count: int) -> None:
    plan = plan_of(tmp_path, WORKERS=str(count))
    workers = [f"worker.{number}" for number in range(1, count + 1)]
    names = ["front", *workers, "cache.1", "db"]
    assert [child.name for child in plan.children] == names

    def called(indices: tuple[int, ...]) -> list[str]:
        return [names[index] for index in indices]

    assert called(plan.children[0].needs) == [*workers, "db"]
    assert isinstance(plan.when, tuple)
    assert called(plan.when) == [*workers, "db"]
    assert plan.code == (1 if count else None)
    stops = {child.name: plan.actions[plan.tables[child.running]["outside"][15]] for child in plan.children}
    assert called(stops["db"].after) == ["front", *workers]
    for name in workers:
        assert called(stops[name].after) == ["cache.1"]
        assert [step.wait for step in stops[name].steps] == [0, 5000]


def test_each_finds_its_own_number(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, OPTIONS="-a -b")
    for number, child in enumerate(plan.children[1:3], 1):
        own = str(number).encode()
        assert child.argv == (b"worker", b"--id=" + own, b"-a", b"-b", b"n")
        assert child.world.env == {b"WORKER": own}
        assert child.world.cwd == b"/srv/" + own
        assert child.ready is not None
        assert child.ready.listen == b"/run/" + own + b".sock"
    assert plan.children[-1].argv == (b"db", b"n")
    assert plan.templates == ()


@pytest.mark.parametrize("count", ["", "x", "-1", "1001", "99999999999999999999", "²"])
def test_a_count_that_is_none_is_told_with_its_place(tmp_path: Path, count: str) -> None:
    text = RULES.replace("${WORKERS:-2}", "${WORKERS}")
    with pytest.raises(VariablesError, match=r"web.toml:7: .* is no number of instances in child.worker.instances"):
        plan_of(tmp_path, text, WORKERS=count)


def test_somebody_must_be_left_who_could_end_the_container(tmp_path: Path) -> None:
    alone = '[child.a]\ncommand = ["a"]\ninstances = "${N:-0}"\n[child.b]\ncommand = ["b"]\n[exit]\nwhen = "a"\n'
    with pytest.raises(VariablesError, match="each of them has 0 instances"):
        plan_of(tmp_path, alone)
    assert len(plan_of(tmp_path, alone, N="1").children) == 2


def test_a_task_could_not_end_it(tmp_path: Path) -> None:
    rules = '[child.a]\ncommand = ["a"]\ninstances = "${N:-0}"\n[task.t]\ncommand = ["t"]\n'
    with pytest.raises(VariablesError, match="each of them has 0 instances"):
        plan_of(tmp_path, rules)


def test_the_order_of_the_stop_passes_through_those_of_which_there_are_none(tmp_path: Path) -> None:
    rules = """
[child.web]
command = ["web"]
needs = "worker"
[child.worker]
command = ["worker"]
instances = "${N:-0}"
needs = "db"
[child.db]
command = ["db"]
"""
    plan = plan_of(tmp_path, rules)
    assert [child.name for child in plan.children] == ["web", "db"]
    assert plan.actions[plan.tables[plan.children[1].running]["outside"][15]].after == (0,)
