"""Records are values."""

from __future__ import annotations

from sigroute.pid1.plan import Action, Step


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
