"""The schema and the reader know the same keys, at the same places."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from sigroute.language import read
from sigroute.language.load import load
from sigroute.language.read import action_table, lifecycle_values, tables
from sigroute.language.read.actions import Action
from sigroute.language.read.fields import keys_of
from sigroute.language.read.lifecycle import Alive, Ready, Restart, Task
from sigroute.language.read.model import Child, Control, Drain, Exit, Group, Journal, RuleFile
from sigroute.language.read.problems import RuleError
from sigroute.language.schema.of_tables import KINDS, rule_schema

if TYPE_CHECKING:
    from pathlib import Path

#: Where the table of each class stands: in the schema, and in a file.
CHILD = "properties child additionalProperties"
PLACES: list[tuple[type, str, str]] = [
    (RuleFile, "", ""),
    (Child, CHILD, "[child.a]"),
    (Ready, f"{CHILD} properties ready", "[child.a.ready]"),
    (Alive, f"{CHILD} properties alive", "[child.a.alive]"),
    (Restart, f"{CHILD} properties restart", "[child.a.restart]"),
    (Task, "properties task additionalProperties", "[task.a]"),
    (Group, "properties group additionalProperties", "[group.a]"),
    (Exit, "properties exit", "[exit]"),
    (Drain, "properties drain", "[drain]"),
    (Journal, "properties journal", "[journal]"),
    (Control, "properties control", "[control]"),
    (Action, "definitions held-action", "[child.a.starting.HUP]"),
]
NAMES = [kind.__name__ for kind, _, _ in PLACES]

#: Everywhere but there nothing can be held.
ON = f"{CHILD} properties on patternProperties"


def at(place: str) -> Any:
    found: Any = rule_schema()
    for step in place.split():
        found = found[step]
    return found


def classes() -> set[type]:
    """The classes of the model that are tables of their own, and no part of others."""
    modules = [import_module(f"{read.__name__}.{each.name}") for each in pkgutil.iter_modules(read.__path__)]
    made = {each for module in modules for each in vars(module).values() if isinstance(each, type) and attrs.has(each)}
    return {each for each in made if keys_of(each) and not any(each in other.__mro__[1:] for other in made)}


def test_every_class_of_the_model_has_its_place() -> None:
    assert classes() == {kind for kind, _, _ in PLACES}


@pytest.mark.parametrize(("kind", "place", "header"), PLACES, ids=NAMES)
def test_every_key_of_the_model_is_in_the_schema(kind: type, place: str, header: str) -> None:
    assert set(at(place)["properties"]) == set(keys_of(kind)), header
    assert at(place)["additionalProperties"] is False


def unknown(tmp_path: Path, text: str) -> bool:
    """Whether the reader says of a key with a wrong value that it does not know the key."""
    path = tmp_path / "rules.toml"
    path.write_text(f"{text} = 1979-05-27\n")
    with pytest.raises(RuleError) as raised:
        load(str(path))
    said = [problem.message for problem in raised.value.problems]
    assert any("unknown" in each or "a date" in each for each in said), said
    return any("unknown" in each for each in said)


@pytest.mark.parametrize(("kind", "place", "header"), PLACES, ids=NAMES)
def test_every_key_of_the_schema_is_known_to_the_reader(kind: type, place: str, header: str, tmp_path: Path) -> None:
    for name in at(place)["properties"]:
        assert not unknown(tmp_path, f"{header}\n{name}"), f"{kind.__name__}: {name}"
    assert unknown(tmp_path, f"{header or 'on.TERM = 15'}\nno-such-key")


def test_every_kind_of_a_key_has_a_schema_and_a_reader() -> None:
    kinds = {field.metadata["kind"] for kind in classes() for field in keys_of(kind).values()}
    readers = tables.READERS.keys() | lifecycle_values.READERS.keys() | action_table.READERS.keys()
    assert kinds == KINDS.keys() | {"signals"}
    assert kinds == readers | {"signals"}, "classes of signals are read before all else"


@pytest.mark.parametrize(("kind", "place", "header"), PLACES, ids=NAMES)
def test_every_key_is_explained_in_plain_text(kind: type, place: str, header: str) -> None:
    for name, schema in at(place)["properties"].items():
        assert schema["description"].endswith("."), f"{kind.__name__}: {name}"
        assert not {"`", "]("} & set(schema["description"]), header


def test_defaults_are_values_where_they_can_be_and_words_elsewhere() -> None:
    ready = at(f"{CHILD} properties ready properties")
    assert (ready["every"]["default"], ready["within"]["description"].rpartition("\n")[2]) == (
        "1s",
        "Default: no limit.",
    )
    assert at(f"{CHILD} properties alive properties failures default") == 3
    assert at(f"{CHILD} properties restart properties unless default") == [0]
    assert at("properties exit properties when default") == "any"
    assert "default" not in ready["notify"], "false, which nobody may write"
    assert at(f"{CHILD} properties alive required") == ["run"]
    assert at("properties task additionalProperties required") == ["command"]


def test_nothing_is_held_by_a_child_that_runs_its_program() -> None:
    (reference,) = at(ON).values()
    plain, held = at("definitions action properties"), at("definitions held-action properties")
    assert reference == {"$ref": "#/definitions/action"}
    assert held.keys() - plain.keys() == {"hold"}
