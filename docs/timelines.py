# ruff: noqa: INP001 - beside the script that uses it
"""What the page about timelines shows: a timeline as it is printed, and the words for it."""

from __future__ import annotations

import tempfile
from pathlib import Path

from sigroute.journal.again import compared
from sigroute.language import compile_plan, load
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import CHILD, WORDS, changed
from sigroute.simulate.play import Arrival
from sigroute.simulate.worst import play
from sigroute.timeline.forms import Wish, drawn
from sigroute.timeline.model import KINDS
from sigroute.timeline.text import CHARACTERS

SEVERAL = Path(__file__).parent.parent / "tests" / "data" / "valid" / "several.toml"


def explained(form: str) -> str:
    """Return what ``sigroute explain`` prints of several children."""
    plan = compile_plan(load(str(SEVERAL)))
    says = {"front": "exits:3s"}
    models = [changed(CHILD, says[child.name]) if child.name in says else CHILD for child in plan.children]
    made = play(plan, {}, models, (Arrival(STANDARD["TERM"], "outside"),))
    return drawn(made, form, Wish("several.toml: TERM", 100, grace=10_000)).rstrip()


def replayed() -> str:
    """Return the beginning of a difference that ``sigroute replay --rules`` prints."""
    texts = SEVERAL.read_text(encoding="utf-8"), SEVERAL.read_text(encoding="utf-8").replace("5s QUIT 10s", "QUIT 10s")
    runs = []
    for text in texts:
        with tempfile.NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            plan = compile_plan(load(file.name))
        models = [changed(CHILD, "exits:3s") if child.name == "front" else CHILD for child in plan.children]
        runs.append(play(plan, {}, models, (Arrival(STANDARD["TERM"], "outside", 0),)))
    return "\n".join(["$ sigroute replay journal.jsonl --rules sooner.toml", *compared(*runs)])


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
