"""Random command lines of the programs, and what the programs' own documents say that these do with a signal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.compat import ROLES
from tests.pid1.compat.playing import played

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.compat.role import Role
    from tests.pid1.histories import Chooser

FAULTS = {4, 5, 6, 7, 8, 11, 31}
STOPPING = {20, 21, 22}

#: What can arrive at all: 32 and 33 are the C library's, and no one hears of CHLD but by waitpid(2).
ARRIVE = tuple(sorted({*range(1, 32), *range(34, 65)} - {9, 17, 19}))


class Chosen:
    """A command line with its environment."""

    def __init__(self, name: str, words: list[str], environ: dict[str, str] | None = None) -> None:
        self.name, self.words, self.environ = name, words, environ or {}
        self.group = False
        self.single = False
        self.pauses = False
        self.rewritten: dict[int, int] = {}
        self.codes: dict[int, int] = {}

    def __repr__(self) -> str:
        return f"{self.name} {self.words} {self.environ}"

    def role(self, *command: str) -> Role:
        return played(self.name, *self.words, *(() if self.pauses else command or ("prog",)), environ=self.environ)

    def hears(self) -> list[int]:
        """Return the signals that are not left to what the kernel does."""
        return [signal for signal in ARRIVE if self.name == "dumb-init" or signal not in FAULTS]

    def sends(self, signal: int) -> int:
        """Return what the child, or its group, gets; 0: nothing."""
        if self.pauses:
            return 0
        if self.name == "dumb-init":
            suspends = {} if self.single else dict.fromkeys(STOPPING, 19)
            return {**suspends, **self.rewritten}.get(signal, signal)
        nobodys = STOPPING if self.name == "catatonit" else STOPPING - {20}
        return 0 if signal in nobodys else signal

    def halts(self, signal: int) -> bool:
        """Tell whether it stops itself then."""
        return self.name == "dumb-init" and signal in STOPPING


def tini(pick: Chooser, name: str = "tini") -> Chosen:
    made = Chosen(name, [])
    how = pick.choice(("", "-g", "TINI_KILL_PROCESS_GROUP"))
    if how == "-g":
        made.words.append("-g")
    elif how:
        made.environ[how] = ""
    made.group = bool(how)
    for code in pick.choice(((), (), (143,), (0, 7), (143, 130, 255))):
        made.words += ["-e", str(code)]
        made.codes[code] = 0
    made.words += pick.choice(([], ["-s"], ["-w"], ["-vvv", "--"]))
    return made


def dumb_init(pick: Chooser) -> Chosen:
    made = Chosen("dumb-init", [])
    how = pick.choice(("", "-c", "DUMB_INIT_SETSID"))
    if how == "-c":
        made.words.append("-c")
    elif how:
        made.environ[how] = "0"
    made.single = bool(how)
    made.group = not made.single
    for _ in range(pick.choice((0, 0, 1, 3, 9))):
        signal, number = (
            pick.choice((1, 2, 3, 9, 10, 15, 15, 17, 19, 20, 21, 28, 31)),
            pick.choice((0, 0, 2, 9, 15, 19, 20, 31)),
        )
        made.words += ["-r", f"{signal}:{number}"]
        made.rewritten[signal] = number
    return made


def catatonit(pick: Chooser) -> Chosen:
    made = Chosen("catatonit", pick.choice(([], ["-g"], ["-P"])))
    made.group, made.pauses = made.words == ["-g"], made.words == ["-P"]
    return made


KINDS: dict[str, Callable[[Chooser], Chosen]] = {
    "tini": tini,
    "docker-init": lambda pick: tini(pick, "docker-init"),
    "dumb-init": dumb_init,
    "catatonit": catatonit,
}
assert set(KINDS) == set(ROLES)
