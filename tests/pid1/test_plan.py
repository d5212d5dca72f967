"""The plan on the wire: what arrives is what was sent, or a reason."""

from __future__ import annotations

import marshal
import random
from pathlib import Path

import pytest

from sigroute.handover import to_wire
from sigroute.pid1.plan import SAME, Launch, World, from_wire
from tests.pid1.histories import plan
from tests.pid1.scene import plan_of

RULES = Path(__file__).parent.parent.parent / "rules"


def test_what_arrives_is_what_was_sent() -> None:
    for seed in range(200):
        launch = Launch(plan=plan(random.Random(seed)), notes=("told once", "ünïcode \udcff"))
        assert from_wire(*to_wire(launch)) == launch


@pytest.mark.parametrize("rules", sorted(RULES.glob("*.toml")), ids=lambda path: path.stem)
def test_every_bundled_file_travels(rules: Path) -> None:
    launch = Launch(plan=plan_of(rules.read_text()))
    assert from_wire(*to_wire(launch)) == launch


@pytest.mark.parametrize("data", [b"", b"no marshal", marshal.dumps(7), marshal.dumps(("sigroute 0", None))])
def test_what_is_no_plan_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(ValueError, match="cannot read the plan"):
        from_wire(((), False, None), data)


def test_a_plan_that_is_cut_off_is_refused() -> None:
    first, data = to_wire(Launch(plan=plan_of("")))
    for length in range(0, len(data), 97):
        with pytest.raises(ValueError, match="cannot read the plan"):
            from_wire(first, data[:length])


def test_a_plan_with_worlds_comes_before_the_first_start() -> None:
    """Even if that is not of a child with one: what makes the others is loaded together with the plan."""
    plan = plan_of("[child.web]\ncommand = ['serve']\n[child.db]\ncommand = ['db']\numask = '027'")
    assert [child.world for child in plan.children] == [SAME, World(umask=0o27)]
    launch = Launch(plan=plan)
    first, rest = to_wire(launch)
    assert first is None
    assert from_wire(first, rest) == launch


def test_what_the_first_start_needs_is_not_in_the_rest() -> None:
    launch = Launch(plan=plan_of("[child.web]\ncommand = ['serve', 'this']\nterminal = 'child'"))
    first, rest = to_wire(launch)
    assert first == ((b"serve", b"this"), True, None)
    assert b"this" not in rest
