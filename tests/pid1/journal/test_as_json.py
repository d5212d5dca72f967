"""Records as JSON, and back: nothing is lost, whatever a run has in it."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.journal.decode import KINDS, decoded
from sigroute.pid1.condition import Condition
from sigroute.pid1.engine import effects, events, state
from sigroute.pid1.journal.as_json import as_json
from sigroute.pid1.record import Record
from tests.pid1 import many_histories
from tests.pid1.many_histories import ManyHistory
from tests.pid1.world import World

if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect


def back(value: object) -> object:
    return decoded(json.loads(as_json(value)))


@pytest.mark.parametrize("seed", range(50))
def test_whatever_a_run_has(seed: int) -> None:
    pick = random.Random(seed)
    world = World(many_histories.plan(pick))
    assert back(world.plan) == world.plan

    def watch(_before: object, event: object, after: object, did: list[Effect]) -> None:
        assert back(event) == event
        assert back(after) == after
        assert back(tuple(did)) == tuple(did)

    world.watchers.append(watch)
    ManyHistory(world, pick).play(20)


plain = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text() | st.binary()
values = st.recursive(
    plain | st.frozensets(st.integers()) | st.frozensets(st.text()),
    lambda inner: st.tuples(inner, inner) | st.dictionaries(st.integers() | st.binary() | st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_any_value(value: object) -> None:
    again = back(value)
    assert again == value
    assert type(again) is type(value)


def test_what_has_its_default_is_left_out() -> None:
    assert as_json(effects.Kill(child=0, pid=7, signal=15)) == '{"Kill": {"child": 0, "pid": 7, "signal": 15}}'
    assert (
        as_json(Condition(what=b"A\xff", negated=True)) == '{"Condition": {"what": {"b": "A\u00ff"}, "negated": true}}'
    )


def test_every_event_and_effect_is_known() -> None:
    for module in (events, effects, state):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, Record) and kind is not Record:
                assert KINDS[kind.__name__] is kind


@pytest.mark.parametrize(
    "text", ["{}", '{"a": 1, "b": 2}', '{"Nothing": {}}', '{"Kill": {"nothing": 1}}', '{"Kill": 1}']
)
def test_what_is_of_another_version_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"another version|more than one key"):
        decoded(json.loads(text))


def test_what_is_no_value_of_a_record() -> None:
    with pytest.raises(TypeError):
        as_json(1.5)
