# ruff: noqa: INP001 - beside the script that uses it
"""What the page about timelines shows: a timeline as it is printed, and the words for it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.explain import assumed
from sigroute.journal.again import compared
from sigroute.language import compile_plan, load
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import CHILD, WORDS, changed
from sigroute.simulate.play import Arrival
from sigroute.simulate.run import simulated
from sigroute.timeline.forms import Wish, drawn
from sigroute.timeline.model import KINDS
from sigroute.timeline.text import CHARACTERS

if TYPE_CHECKING:
    from sigroute.pid1.plan import Plan
    from sigroute.simulate.model import Model
    from sigroute.timeline import Timeline

SEVERAL = Path(__file__).parent.parent / "tests" / "data" / "valid" / "several.toml"


def explained(form: str) -> str:
    """Return what ``sigroute explain`` prints of several children."""
    plan, models = several(SEVERAL.read_text(encoding="utf-8"))
    made = drawn(stopped(plan, models), form, Wish("several.toml: TERM", 100, grace=10_000)).rstrip()
    return f"{made}\n{assumed(plan, models, 100)}".rstrip() if form == "text" else made


def several(text: str) -> tuple[Plan, list[Model]]:
    """Return the plan of rules for several children, and what these do."""
    with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        plan = compile_plan(load(file.name))
    return plan, [changed(CHILD, "exits:3s") if child.name == "front" else CHILD for child in plan.children]


def stopped(plan: Plan, models: list[Model]) -> Timeline:
    """Return the timeline of a stop."""
    return simulated(plan, {}, models, (Arrival(STANDARD["TERM"], "outside", 0),))


def replayed() -> str:
    """Return what ``sigroute replay --rules`` prints of them."""
    text = SEVERAL.read_text(encoding="utf-8")
    runs = [stopped(*several(each)) for each in (text, text.replace("5s QUIT 10s", "QUIT 10s"))]
    return "\n".join(["$ sigroute replay journal.jsonl --rules sooner.toml", *compared(*runs, 100)])


def kinds() -> str:
    """Return the table of what a bar is made of."""
    rows = ["| | in text | what the child does |", "| --- | --- | --- |"]
    return "\n".join([*rows, *(f"| `{kind}` | `{CHARACTERS[kind]}` | {said} |" for kind, said in KINDS.items())])


def words_of_children() -> str:
    """Return the table of the words of ``--child``."""
    rows = [
        f"| `{f'{word}:{value}'.replace('|', chr(92) + '|')}` | {meaning} |"
        for word, (value, meaning, _) in WORDS.items()
    ]
    return "\n".join(["| word | what the child does |", "| --- | --- |", *rows])
