"""The lab has the helpers, the page, the CPUs and the contestants, and gives each contestant its turn."""

from __future__ import annotations

import compileall
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sigroute
from bench import contestants, native
from bench.page import Page
from bench.pid1 import NotMeasuredError, Pid1
from bench.results import Row, summarize
from bench.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.contestants import Contestant

    Way = Callable[[], Mapping[str, Sequence[float]]]
    """Measures once; returns the samples of each case."""

#: Where a contestant may run: on one CPU, with the bench on the others, or on any CPU.
PLACES = ("one CPU", "all CPUs")


class Lab:
    """A folder with the helpers and the page, and the rules of a measurement."""

    def __init__(self, folder: Path, *, quick: bool, say: Callable[[str], None]) -> None:
        self.folder, self.quick, self.say = folder, quick, say
        native.build(folder)
        # pip compiles to bytecode when it installs; a checkout may have none, as its reader may not write there.
        compileall.compile_dir(Path(sigroute.__file__).parent, quiet=2)
        self.page = Page(folder / "page")
        self.cpus = sorted(os.sched_getaffinity(0))
        self.left_out = {each.name: why for each in contestants.ALL if (why := each.missing())}

    def present(self, *more: Contestant) -> list[Contestant]:
        """Return the contestants that can take part, sigroute first."""
        found = [each for each in (*contestants.ALL, *more) if each.name not in self.left_out]
        return sorted(found, key=lambda each: not each.name.startswith("sigroute"))

    def able(self, *some: Contestant) -> list[Contestant]:
        """Return those of some contestants that can take part."""
        return [each for each in some if not each.missing()]

    def rounds(self, number: int) -> int:
        """Return how many rounds there are; a quick run has two."""
        return min(number, 2) if self.quick else number

    def helper(self, name: str) -> str:
        """Return the path of a helper."""
        return str(self.folder / name)

    def child(self, copies: int = 1) -> list[str]:
        """Return the command of the child that stamps the page; it makes a process group of this many processes."""
        return [self.helper("child"), str(self.page.path), str(copies)]

    def cpu(self, place: str) -> int:
        """Return the CPU to pin a contestant to; -1: any."""
        return self.cpus[-1] if place == PLACES[0] else -1

    @contextmanager
    def apart(self, place: str) -> Iterator[None]:
        """Keep the bench itself off the pinned CPU, if there is another CPU."""
        others = set(self.cpus) - {self.cpu(place)}
        os.sched_setaffinity(0, others or self.cpus)
        try:
            yield
        finally:
            os.sched_setaffinity(0, self.cpus)

    @contextmanager
    def task(self, command: list[str], *, copies: int = 1, group: bool = False, bundled: str = "") -> Iterator[Task]:
        """Make a task, with a folder of its own."""
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            yield Task(Path(name), command, copies=copies, group=group, bundled=bundled)

    def running(self, contestant: Contestant, task: Task, cpu: int = -1) -> Pid1:
        """Run a contestant as PID 1; it is killed at the end of the context."""
        return self.pid1(contestant.argv(task), cpu)

    def pid1(
        self,
        command: Sequence[str],
        cpu: int = -1,
        *,
        watch: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Pid1:
        """Run a command as PID 1; it is killed at the end of the context."""
        return Pid1(self.page, command, cpu, watch=watch, environment=environment)

    def take_turns(
        self, measure: str, cases: Sequence[str], rounds: int, ways: Mapping[str, Way], *, warm: bool = False
    ) -> list[Row]:
        """Measure in rounds, each contestant once in each round: so other load on the machine hits all alike.

        Every second round has the reverse order, so that no contestant always comes after the same one. A contestant
        that fails is left out of the later rounds, and its row tells why.

        :param warm: begin with a round that does not count, which reads everything from the disk into memory.
        """
        values: dict[tuple[str, str], list[float]] = {(name, case): [] for name in ways for case in cases}
        failed: dict[str, str] = {}
        for number in range(-warm, rounds):
            for name in [*ways][:: -1 if number % 2 else 1]:
                if name in failed:
                    continue
                self.say(f"{measure}: {cases[0]}, round {number + 1} of {rounds}, {name}")
                try:
                    for case, found in ways[name]().items():
                        values[name, case] += found if number >= 0 else []
                except (NotMeasuredError, AssertionError) as error:  # the helpers of tests/ assert what they wait for
                    failed[name] = str(error)
        return [
            Row(measure, case, name, note=failed[name])
            if name in failed
            else Row(measure, case, name, summarize(values[name, case]))
            for case in cases
            for name in ways
        ]
