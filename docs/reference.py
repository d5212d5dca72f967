# ruff: noqa: INP001 - a script beside what it writes
"""Print docs/rules.md: the prose of docs/rules.in.md, with what the code itself knows.

    python docs/reference.py > docs/rules.md

The keys come from the model, the messages from the corpus of tests/data, so neither can be out of date.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from sigroute.language import bundled
from sigroute.language.compile import GUARDED
from sigroute.language.model import Action, Child, Drain, Exit, Group, RuleFile, keys_of
from sigroute.language.signals import STOP_SIGNALS, UNRECEIVABLE
from sigroute.pid1.names import RTMIN, name_of

ROOT = Path(__file__).parent.parent
DATA = ROOT / "tests" / "data"

KINDS = {
    "send": "a string, a number",
    "after": "a name or a list",
    "command": "a list of strings",
    "duration": "a duration",
    "else": "a string",
    "scope": '`"process"`, `"process-group"`, `"tree"`',
    "again": "a word, a string or a table",
    "hold": "a duration",
    "programs": "a name or a list",
    "like": "a string",
    "groups": "a name or a list",
    "exited": '`"process"`, `"tree"`',
    "on": "a table of signals",
    "starting": "a table of signals",
    "when": '`"any"`, `"all"`, a child',
    "child": "a child",
    "codes": "a table of codes",
    "signals": "a table of lists",
    "children": "tables by name",
    "group-tables": "tables by name",
    "exit": "a table",
    "drain": "a table",
}
"""What a value of each kind is."""

TABLES = (
    ("The file", RuleFile),
    ("`[child.NAME]`", Child),
    ("`[group.NAME]`", Group),
    ("`[exit]`", Exit),
    ("`[drain]`", Drain),
    ("An action", Action),
)

GENERATED = "<!-- Generated from rules.in.md by reference.py: change that, or the model. -->"

WHERE = re.compile(r",? in [\w.@+-]+(?:\[\d+\])?(?:\.[\w.@+-]+)*$")
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def keys() -> str:
    """Return a table of keys for each class of the model."""
    parts = []
    for title, kind in TABLES:
        rows = [
            f"### {title}",
            "",
            (kind.__doc__ or "").strip(),
            "",
            "| key | value | default | meaning |",
            "| --- | --- | --- | --- |",
        ]
        for name, field in keys_of(kind).items():
            shown, meaning = field.metadata["shown"] or "-", field.metadata["meaning"]
            rows.append(f"| `{name}` | {KINDS[field.metadata['kind']]} | {shown} | {meaning} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def messages(kind: str) -> str:
    """Return a table of the messages of a corpus, each shape once, with an example of its way out."""
    found: dict[str, str] = {}
    for path in sorted((DATA / kind).glob("*.txt")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for index, line in enumerate(lines):
            head = re.match(r"[\w./-]+\.toml(?::\d+)?: (?:warning: )?(.*)", line)
            if head:
                message = QUOTED.sub('"…"', WHERE.sub("", head[1]))
                found.setdefault(message, _way_out(lines[index + 1 : index + 3]))
    rows = [f"| {_cell(message)} | {_cell(hint)} |" for message, hint in sorted(found.items())]
    return "\n".join(["| message | for example |", "| --- | --- |", *rows])


def _way_out(lines: list[str]) -> str:
    if lines and lines[0].startswith("      ") and "|" not in lines[0][:9]:
        return lines[0].strip()
    found = re.match(r" +\| *\^+ ?(.*)", lines[1]) if len(lines) > 1 else None
    return found[1] if found else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("[", "\\[")


def first_problem(path: Path) -> str:
    """Return the first problem of a file of the corpus, as it is shown."""
    return "\n".join(path.read_text(encoding="utf-8").splitlines()[:3])


def page() -> str:
    """Return docs/rules.md."""
    text = (ROOT / "docs" / "rules.in.md").read_text(encoding="utf-8")
    guarded = [name_of(signal) for signal in sorted(GUARDED) if signal < RTMIN]
    parts = {
        "generated": GENERATED,
        "keys": keys(),
        "stop": " ".join(f"`{name_of(signal)}`" for signal in STOP_SIGNALS),
        "guarded": f"{' '.join(guarded)} and the real-time signals, as far as they are not of class `stop`",
        "unreceivable": "\n".join(f"- {name_of(number)}: {why}." for number, why in UNRECEIVABLE.items()),
        "bundled": "\n".join(f"- `{name}`: {bundled.describe(name)}" for name in bundled.names()),
        "errors": messages("invalid"),
        "warnings": messages("warnings"),
    }
    for name, part in parts.items():
        text = text.replace("{{" + name + "}}", part)
    text = re.sub(r"\{\{file (\S+)\}\}", lambda found: (ROOT / found[1]).read_text(encoding="utf-8").rstrip(), text)
    text = re.sub(r"\{\{problem (\S+)\}\}", lambda found: first_problem(DATA / "invalid" / f"{found[1]}.txt"), text)
    return re.sub(r"\{\{warning (\S+)\}\}", lambda found: first_problem(DATA / "warnings" / f"{found[1]}.txt"), text)


if __name__ == "__main__":
    sys.stdout.write(page())
