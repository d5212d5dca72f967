"""The time to read a rule file: by the language alone, and by whole commands."""

from __future__ import annotations

import subprocess
import time
from functools import partial
from typing import TYPE_CHECKING

from bench.compiled import SIGROUTE
from bench.contestants import COMPILED
from bench.measure import Measure
from sigroute.language import compile_plan, load

if TYPE_CHECKING:
    from pathlib import Path

    from bench.lab import Lab
    from bench.results import Row

ROUNDS = 5
LANGUAGE = "load and compile_plan"
RULES = (10, 100, 1000, 10_000)

#: The ten signals for which each child or group has a rule.
SIGNALS = ("HUP", "USR1", "USR2", "WINCH", "ALRM", "VTALRM", "PROF", "IO", "URG", "RTMIN+1")


def in_children(number: int) -> str:
    """Return a file with this many rules, ten for each child."""
    tables = [f'[child.c{child}]\ncommand = ["x"]\n[child.c{child}.on]\n{_ten()}' for child in range(number // 10)]
    return "".join(tables)


def in_groups(number: int) -> str:
    """Return a file with this many rules, ten for each group, and one child in all groups."""
    names = [f"g{group}" for group in range(number // 10)]
    child = f'[child.c]\ncommand = ["x"]\ngroups = {names}\n'
    return child + "".join(f"[group.{name}.on]\n{_ten()}" for name in names)


def _ten() -> str:
    return "".join(f'"{signal}" = "drop"\n' for signal in SIGNALS)


FORMS = {"children": in_children, "groups": in_groups}


def run(lab: Lab) -> list[Row]:
    """Compile each file, in turn."""
    rows = []
    for number in RULES:
        for form, text in FORMS.items():
            file = lab.folder / f"{form}-{number}.toml"
            file.write_text(text(number))
            ways = {
                LANGUAGE: partial(language, file, case(number, form)),
                "sigroute check": partial(command, ["check", str(file)], case(number, form)),
            }
            if COMPILED.name not in lab.left_out:
                words = ["compile", str(file), "-o", str(lab.folder / "init")]
                ways["sigroute compile"] = partial(command, words, case(number, form))
            rows += lab.take_turns("compiling", [case(number, form)], lab.rounds(ROUNDS), ways)
    return rows


def case(number: int, form: str) -> str:
    """Return the name of a case."""
    return f"{number} in {form}"


def language(file: Path, name: str) -> dict[str, list[float]]:
    """Return seconds."""
    began = time.perf_counter()
    compile_plan(load(str(file)), [])
    return {name: [time.perf_counter() - began]}


def command(words: list[str], name: str) -> dict[str, list[float]]:
    """Return seconds."""
    began = time.perf_counter()
    subprocess.run([SIGROUTE, *words], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return {name: [time.perf_counter() - began]}


COMPILING = Measure(
    "compiling",
    {
        f"compiling rules, ten for each of many {form} (s, less is better)": [case(number, form) for number in RULES]
        for form in FORMS
    },
    run,
    (30, 12),
)
