"""Records are values."""

from __future__ import annotations

import ast
from pathlib import Path

from sigroute.pid1 import record
from sigroute.pid1.plan import Action, Step

PID1 = Path(record.__file__).parent


def test_equal_when_kind_and_fields_are() -> None:
    one = Step(wait=0, signal=15)
    assert one == Step(signal=15, wait=0)
    assert hash(one) == hash(Step(wait=0, signal=15))
    assert one != Step(wait=0, signal=3)
    assert one != Action(origin="")
    assert Action(origin="x") == Action(origin="x", do="send")


def test_a_copy_differs_in_what_was_asked_and_leaves_the_first_alone() -> None:
    one = Step(wait=0, signal=15)
    other = one.but(wait=5)
    assert (one.wait, other.wait, other.signal) == (0, 5, 15)
    assert repr(other) == "Step(wait=5, signal=15, idle=0)"


def test_nobody_changes_a_field_that_no_record_has() -> None:
    """``but`` does not look, as the engine calls it at each step; nor do the methods of Draft that end in it."""
    trees = [ast.parse(path.read_text()) for path in sorted(PID1.rglob("*.py"))]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    fields = {
        each.target.id
        for node in nodes
        if isinstance(node, ast.ClassDef)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    calls = [node for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    changes = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in {"but", "change"}]
    changed = {keyword.arg for node in changes for keyword in node.keywords if keyword.arg is not None}
    assert {"due", "look_at"} <= changed
    assert changed <= fields
