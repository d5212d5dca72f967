"""Records as bytes: every kind of record comes back, and what is no record of this version is refused."""

from __future__ import annotations

import marshal
import pkgutil
import random
from collections import Counter
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sigroute.pid1
from sigroute.pid1.decode import HEAD, MAGIC, VERSION, decode, head, kinds
from sigroute.pid1.encode import PLAIN, encode
from sigroute.pid1.engine.events import Begin
from sigroute.pid1.record import Record
from tests.pid1.histories import History, plan
from tests.pid1.world import World

#: Of pid1/watch/: what can be imported outside of the static executable, where the C core is.
OUTSIDE = ("answers", "texts", "unchanged")

for module in pkgutil.walk_packages(sigroute.pid1.__path__, "sigroute.pid1."):
    package, _, name = module.name.rpartition(".")
    if name != "take_over" and (package != "sigroute.pid1.watch" or name in OUTSIDE):  # the first is a program
        import_module(module.name)

KINDS = {name: kind for name, kind in kinds().items() if kind.__module__.startswith("sigroute.")}


def subclasses(of: type[Record]) -> list[type[Record]]:
    own: list[type[Record]] = of.__subclasses__()
    return [each for kind in own for each in (kind, *subclasses(kind))]


def test_no_two_kinds_have_one_name() -> None:
    counted = Counter(kind.__name__ for kind in subclasses(Record) if kind.__module__.startswith("sigroute."))
    assert counted.most_common(1)[0][1] == 1
    assert {"Plan", "State", "Signal", "Kill", "StartOptions"} <= set(counted)


scalars = st.none() | st.booleans() | st.integers() | st.binary(max_size=9) | st.text(max_size=9)
keys = st.integers() | st.binary(max_size=5) | st.text(max_size=5)


def records(values: st.SearchStrategy[Any], kinds: st.SearchStrategy[type[Record]]) -> st.SearchStrategy[Record]:
    """Records of these kinds, with any of these values in any field: what has a default may be left out."""

    def fields(kind: type[Record]) -> st.SearchStrategy[Record]:
        names = kind.__annotations__
        needed = {name: values for name in names if not hasattr(kind, name)}
        optional = {name: values for name in names if hasattr(kind, name)}
        return st.fixed_dictionaries(needed, optional=optional).map(lambda given: kind(**given))

    return kinds.flatmap(fields)


values = st.recursive(
    scalars | st.frozensets(scalars, max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.integers(), inner, max_size=4)
        | st.dictionaries(st.text(max_size=5), inner, max_size=4)
        | records(inner, st.sampled_from([kind for _, kind in sorted(KINDS.items())]))
    ),
    max_leaves=5,
)


@pytest.mark.parametrize("kind", [KINDS[name] for name in sorted(KINDS)])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_every_kind_comes_back(kind: type[Record], data: st.DataObject) -> None:
    record = data.draw(records(values, st.just(kind)))
    coded = encode(record)
    back = decode(coded, "it")
    assert type(back) is kind
    assert back == record
    assert encode(back) == coded


def test_whatever_happens_in_a_history_comes_back() -> None:
    seen: set[str] = set()

    def watch(*told: Any) -> None:
        _before, event, state, effects = told
        for record in (event, state, *effects):
            assert decode(encode(record), "it") == record
            seen.add(type(record).__name__)

    for seed in range(60):
        pick = random.Random(seed)
        world = World(plan(pick))
        world.watchers.append(watch)
        History(world, pick).play(20)
    assert {"State", "Signal", "Inspected", "Exited", "Spawn", "Kill"} <= seen


def test_a_default_takes_no_room() -> None:
    kind = KINDS["StartOptions"]
    assert len(encode(kind())) < HEAD + 30


UNREADABLE = r"^cannot read (it|the plan): it is damaged, or of another version of sigroute; make it once more"

SAMPLE = KINDS["Step"](wait=5, signal=15)


def test_tuples_that_are_equal_but_not_the_same_stay_apart() -> None:
    given = Begin(notes=((1, 2), (True, 2), (1.0, 2), (1, 2)))  # type: ignore[arg-type]
    back = decode(encode(given), "it")
    assert repr(back) == repr(given)
    assert isinstance(back, Begin)
    assert back.notes[0] is back.notes[3]


def test_a_cut_is_told() -> None:
    data = encode(SAMPLE)
    for length in range(len(data)):
        with pytest.raises(ValueError, match=UNREADABLE):
            decode(data[:length], "the plan")


def test_every_changed_byte_is_told() -> None:
    data = encode(SAMPLE)
    for place in range(len(data)):
        with pytest.raises(ValueError, match=UNREADABLE):
            decode(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], "the plan")


@given(st.binary(max_size=99))
def test_garbage_is_told(data: bytes) -> None:
    for each in (data, MAGIC + data, MAGIC + VERSION + data, encode(SAMPLE) + (data or b"x")):
        with pytest.raises(ValueError, match=UNREADABLE):
            decode(each, "it")


def test_another_version_is_told() -> None:
    data = encode(SAMPLE)
    with pytest.raises(ValueError, match=UNREADABLE):
        decode(data.replace(VERSION, b"\xff", 1), "the plan")


@pytest.mark.parametrize(
    "value", [7, (), ("Nobody",), ("Step", 0, 5, 9, 5), ("Step", 0, 5), ("Step", "wait", 5), ([],), ("Step", 0)]
)
def test_what_this_version_does_not_know_is_told(value: Any) -> None:
    rest = marshal.dumps(value, PLAIN)
    with pytest.raises(ValueError, match=UNREADABLE):
        decode(head(rest) + rest, "it")


def test_what_is_no_plain_value_is_refused() -> None:
    with pytest.raises(ValueError, match="unmarshallable"):
        encode(KINDS["Step"](wait=object(), signal=1))
