"""What the README shows is what happens."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bench.measures import engine, size
from bench.results import number
from sigroute.check import main
from sigroute.language import examine, load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()

#: The entries of the table "you want, you write", as far as they are keys of [on].
ENTRIES = re.findall(r"^\|[^|]+\| `([^`]+ = [^`]+)` \|$", README, re.MULTILINE)

AROUND = """
[child.workers]
command = ["w"]
groups = ["workers"]
[group.workers.on]
USR2 = "TERM"
[child.database]
command = ["d"]
[child.database.on]
"""


def block(language: str, start: str) -> str:
    """Return the one fenced block of a language that starts so."""
    (found,) = re.findall(rf"```{language}\n({re.escape(start)}.*?)```", README, re.DOTALL)
    assert isinstance(found, str)
    return found


def test_its_two_commands_are_those_that_ci_runs() -> None:
    commands = re.findall(r"^    (python3 -m venv .*)", README, re.MULTILINE)
    assert [re.search(r"sigroute demo$|pytest -q -n 2$", each) is not None for each in commands] == [True, True]


def test_the_rules_for_nginx_are_the_bundled_ones() -> None:
    shown = tomllib.loads(block("toml", "[child.nginx]"))
    assert shown == tomllib.loads((ROOT / "rules" / "nginx.toml").read_text())


def test_the_table_of_check_is_what_it_prints(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert main(["nginx"]) == 0
    assert block("", "$ sigroute check nginx\n") == "$ sigroute check nginx\n" + capfd.readouterr().out


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_can_be_written(entry: str, tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(f"{AROUND}{entry}\n")
    assert examine(load(str(path))) == ()


def test_the_table_has_entries() -> None:
    assert len(ENTRIES) > 5


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)", README))
def test_every_link_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


#: The rows of the table "What it costs": the measure, its case, what stands before the numbers.
COSTS = {
    ("start", "one CPU"): "exec to the command's first instruction, ms",
    ("latency", "one CPU"): "a signal, from kill(2) to the command, µs",
    ("window", "window"): "exec until a TERM is kept, ms",
    ("reaping", "reaped, one CPU"): "orphans reaped a second",
    ("memory", "private dirty, 1"): "memory of its own, kB",
    ("idle", "wake-ups"): "wake-ups in 30 idle seconds",
    ("stopping", "requests lost"): "TERM at PID 1, nginx below: requests lost, of 100",
    ("stopping", "postgres: s"): "TERM at PID 1, PostgreSQL below: seconds",
}
CONTESTANTS = ("sigroute (compiled)", "sigroute (rules)", "floor", "tini", "dumb-init", "catatonit", "supervisord")


def test_what_it_costs_is_what_was_measured() -> None:
    results = json.loads((ROOT / "docs" / "bench" / "results.json").read_text())["results"]
    of = {(each["measure"], each["case"], each["contestant"]): each for each in results}
    rows = [f"| | {' | '.join(CONTESTANTS)} |", "| --- |" + " ---: |" * len(CONTESTANTS)]
    for (measure, case), title in COSTS.items():
        medians = [of[measure, case, who].get("median") for who in CONTESTANTS]
        rows.append(f"| {title} | {' | '.join('n/a' if each is None else number(each) for each in medians)} |")
    assert "\n".join(rows) in README


#: The rows of the table of the compiled init: what stands before the numbers; the measure, its case, who.
NO_RULES, CHAIN = "sigroute (compiled, no rules)", "sigroute (compiled, a chain)"
WHOLE = "sigroute (static sigroute, nginx)"
STATIC = {
    "exec to the command's first instruction, ms": ("start", "one CPU", "sigroute (compiled)"),
    "the same by `sigroute --rules nginx`, the static sigroute": ("start", "one CPU", WHOLE),
    "exec to the end of `true`, ms": ("whole", "one CPU", NO_RULES),
    "exec until a TERM is kept, ms": ("window", "window", "sigroute (compiled)"),
    "a signal that a rule rewrites, from kill(2) to the command, µs": ("latency", "one CPU", "sigroute (compiled)"),
    "a signal without rules, µs": ("latency", "one CPU", NO_RULES),
    "the first signal that needs the engine, ms": ("engine", engine.FIRST, CHAIN),
    "memory of its own, kB": ("memory", "private dirty, 1", "sigroute (compiled)"),
    "memory of its own with the rules for nginx, until they are needed, kB": (
        "engine",
        engine.BEFORE,
        "sigroute (compiled)",
    ),
    "memory of its own once the engine was needed, kB": ("engine", engine.MEMORY, CHAIN),
    "the file, kB (tini's needs the C library)": ("size", size.FILE, "sigroute (compiled)"),
    "the static sigroute, kB": ("size", size.FILE, WHOLE),
}


def static_table() -> str:
    results = json.loads((ROOT / "docs" / "bench" / "results.json").read_text())["results"]
    of = {(each["measure"], each["case"], each["contestant"]): each.get("median") for each in results}
    rows = ["| | compiled init | tini |", "| --- | ---: | ---: |"]
    for title, (measure, case, who) in STATIC.items():
        both = [of[measure, case, who], of.get((measure, case, "tini"))]
        rows.append(f"| {title} | {' | '.join('n/a' if each is None else number(each) for each in both)} |")
    return "\n".join(rows)


def test_what_the_static_file_costs_is_what_was_measured() -> None:
    assert static_table() in README
