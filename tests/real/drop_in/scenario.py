"""What is compared: a program with these options in this situation, and what is done there.

A cell is one observation of one scenario: how the init ended, what it said, what its child found or got. Which there
are is known beforehand (``keys``), so that they can be counted and none gets lost.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from attrs import Factory, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.real.drop_in.run import Run

#: Does something with a run, and tells what came of it: an observation's name, and what was observed.
Play = Callable[["Run"], Iterator[tuple[str, str]]]

#: Observed of every run: how the init ended, what it wrote.
ALWAYS = ("end", "stdout", "stderr")

#: In words: the path of native/witness.c, and, in its own, whom it tells.
WITNESS = "WITNESS"
RECORD = (WITNESS, "record", "@", "child")
NAMES = ("tini", "docker-init", "dumb-init", "catatonit")


@frozen
class Setting:
    """Where the init is started; the words are native/situate.c's, a terminal is "A" or "B"."""

    place: str = "under"
    session: str = "leader"
    group: str = "own"
    control: str = ""
    foreground: str = "init"
    stdin: str = "/dev/null"
    cwd: str = "/usr/lib"
    open: str = ""
    listen: str = ""
    ignored: frozenset[int] = frozenset()
    blocked: frozenset[int] = frozenset()
    elder: str = ""
    each: str = ""

    def words(self, terminals: Mapping[str, str]) -> list[str]:
        """Return what native/situate.c is told."""
        values = {
            "as": self.place, "session": self.session, "group": self.group, "foreground": self.foreground,
            "control": terminals.get(self.control, ""), "stdin": terminals.get(self.stdin, self.stdin),
            "cwd": self.cwd, "open": self.open, "listen": self.listen, "elder": self.elder, "each": self.each,
            "ignore": mask(self.ignored), "block": mask(self.blocked),
        }  # fmt: skip
        return [f"{name}={value}" for name, value in values.items() if value]


@frozen
class Scenario:
    """One run of each of the two, and what is compared."""

    program: str
    what: str
    keys: tuple[str, ...]
    play: Play
    #: In these and the command, WITNESS is the path of native/witness.c, and %/ is the folder of files.py.
    options: tuple[str, ...] = ()
    command: tuple[str, ...] = RECORD
    environ: Mapping[str, str] = Factory(dict)
    setting: Setting = Setting()
    #: Whether of its output only this is compared: that there is some (what each says of itself is its own).
    presence: bool = False
    #: Whether sigroute is called in each of the three ways here.
    every_way: bool = False

    @property
    def id(self) -> str:
        """Name it, as the cells and the differences do."""
        variables = [f"{name}={value}" for name, value in self.environ.items()]
        words = [{WITNESS: "child"}.get(word, word) for word in self.options]
        line = shlex.join([*variables, self.program, *words])
        where = "PID 1" if self.setting.place == "pid1" else "not PID 1"
        return f"{line} | {where} | {self.what}"

    def cells(self) -> list[str]:
        """Name its cells."""
        return [f"{self.id} | {key}" for key in self.observed()]

    def observed(self) -> tuple[str, ...]:
        """Name its observations. A batch has many ends, each one a key."""
        return (*self.keys, *(ALWAYS[1:] if self.setting.each else ALWAYS))


def mask(numbers: frozenset[int]) -> str:
    """Return a signal mask as /proc writes it: hexadecimal, signal 1 is the lowest bit."""
    return format(sum(1 << number - 1 for number in numbers), "x")
