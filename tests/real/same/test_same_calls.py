"""Both make the same calls that others notice, in the same order, and write the same log.

SIGROUTE_RUNS=2000 compares so many; SIGROUTE_SEED=... begins with another.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compiled import compiled
from tests.pid1.histories import live_through
from tests.real.container import SIGROUTE
from tests.real.require import need
from tests.real.same.stage import Outcome, Stage
from tests.real.same.stories import DEFAULTS, Rules, Story, rules

RUNS = int(os.environ.get("SIGROUTE_RUNS", "30"))

#: How many files of rules come before a random one, on average: to compile one takes longer than a run.
FILES = 8

LEVEL = ("--log-level", "debug")


class Compared:
    """Random rules, each with what runs them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.puppet = folder / "puppet"
        source = Path(__file__).with_name("puppet.c")
        subprocess.run(["cc", "-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", self.puppet, source], check=True)
        self.made: dict[tuple[int, str], tuple[Rules, list[str]]] = {}

    def command(self, number: int, form: str) -> tuple[Rules, list[str]]:
        """Return these rules, and the command that runs them in this form."""
        if (number, form) not in self.made:
            folder = self.folder / f"{number}-{form}"
            folder.mkdir()
            given = rules(random.Random(number), self.puppet)
            if form == "rules":
                file = folder / "rules.toml"
                file.write_text(given.text)
                command = [*SIGROUTE, "--rules", str(file), *LEVEL]
            else:
                command = [str(compiled(folder, given.text, *LEVEL, form=form))]
            self.made[number, form] = given, command + ["--", str(self.puppet), "child"] * given.commanded
        return self.made[number, form]

    def live(self, number: int, form: str, seed: float, *, defaults: bool) -> Outcome:
        """Live a story with these rules in this form."""
        given, command = self.command(number, form)
        with Stage(self.folder, command, DEFAULTS if defaults else ()) as stage:
            Story(random.Random(seed), given).play(stage)
            return stage.outcome()


@pytest.fixture(scope="module", name="compared")
def _compared(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> Compared:  # noqa: ARG001 - it is needed
    need(os.geteuid() == 0 and shutil.which("cc"), "root and a C compiler")
    return Compared(tmp_path_factory.mktemp("same"))


def test_the_static_init_makes_the_calls_of_python_alone(compared: Compared) -> None:
    def lived(pick: random.Random) -> None:
        number, seed, defaults = int(pick.expovariate(1 / FILES)), pick.random(), pick.choice((False, True))
        other = pick.choice(("script",) * 7 + ("rules",))
        expected = compared.live(number, other, seed, defaults=defaults)
        found = compared.live(number, "static", seed, defaults=defaults)
        text = compared.command(number, other)[0].text
        assert found.calls == expected.calls, text
        assert found.log == expected.log, text
        assert found.code == expected.code, text

    live_through(RUNS, lived)
