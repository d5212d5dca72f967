"""Random rules, and random stories of what happens to an init that has them."""

from __future__ import annotations

import ctypes
import os
import signal
from typing import TYPE_CHECKING, NamedTuple

from tests.real.container import state
from tests.real.same.tracer import libc

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from tests.real.same.stage import Puppet, Stage

#: Nanoseconds after which a signal is no duplicate of the one before.
DUPLICATE = 250_000_000

#: At the end, more puppets to see off than any story has.
LAST = 100

#: How often a signal is a stop.
RARE = 1 / 6

#: As rules count (signal(7)).
RTMIN = 34

STOPS = (15, 2, 3, 30, 37)
OTHERS = (1, 10, 12, 28, 40, 41, 50, 18, 13)

#: Without a handler in the puppets of every second story: without rules, these are not forwarded to them.
DEFAULTS = (12, 28, 41)

SENDS = (
    *('"forward"', '"drop"', '"USR2"', '"TERM CONT"', '"HUP INT"', '"QUIT 60s INT"', '"RTMIN+6"'),
    *('{ send = "forward", scope = "process-group" }', '{ send = "HUP", scope = "tree" }'),
    *('{ run = ["PUPPET", "check"], send = "HUP" }', '{ run = ["PUPPET", "check"], send = "HUP", else = "INT USR1" }'),
)
STOPPING = (
    *('"forward"', '"QUIT"', '"QUIT 60s KILL"', '"INT TERM"', '{ send = "TERM", scope = "tree" }', '"KILL"'),
    *('{ send = "INT 60s QUIT 60s TERM", again = "next" }', '{ send = "HUP 60s KILL", again = "repeat" }'),
    *(
        '{ send = "INT 60s KILL", again = { INT = "TERM" } }',
        '{ run = ["PUPPET", "check"], send = "QUIT", else = "INT" }',
    ),
)

#: These fire while the story goes on, so that little happens at a time.
SHORT = ('"400ms HUP"', '"INT 400ms USR1"')
SHORT_STOPS = ('"QUIT 400ms KILL"', '"400ms TERM"', '{ send = "400ms INT 60s KILL" }')


class Rules(NamedTuple):
    """A file of rules."""

    text: str
    commanded: bool
    """The child comes with a command, which the rules do not have."""
    short: bool


def rules(pick: random.Random, puppet: Path) -> Rules:
    """Return random rules."""
    names = pick.choice(([], ["one"], ["one"], ["one", "two"]))
    short = pick.random() < 1 / 8
    sends = SENDS + SHORT * short
    stopping = SHORT_STOPS if short else STOPPING
    lines = [f'drain = {{ wait = "{pick.choice(("0s", "60s"))}" }}'] if pick.random() < 1 / 2 else []
    lines += ["[exit]", *[f"map = {pick.choice(MAPS)}"]] if pick.random() < 1 / 4 else []
    for name in names or [""]:
        if name:
            lines += [f"[child.{name}]", f'command = ["PUPPET", "{name}"]', f"[child.{name}.on]"]
        else:
            lines += ["[on]"]
        if pick.random() < 2 / 3:
            lines += [f"stop = {pick.choice(stopping)}"]
        for number in pick.sample(STOPS, pick.choice((0, 0, 1))):
            lines += [f'"{key(number)}" = {pick.choice(stopping)}']
        lines += [f'"{key(number)}" = {pick.choice(sends)}' for number in pick.sample(OTHERS, pick.choice((0, 2, 4)))]
        lines += [f'"{key(1)}@inside" = {pick.choice(sends)}'] if pick.random() < 1 / 8 else []
    return Rules("\n".join(lines).replace("PUPPET", str(puppet)) + "\n", commanded=not names, short=short)


MAPS = ("{ 143 = 0 }", "{ any = 7 }", "{ 3 = 4, 137 = 5 }")


def key(number: int) -> str:
    """Return a signal as rules have it."""
    return f"RTMIN+{number - 34}" if number >= RTMIN else signal.Signals(number).name[3:]


class Story:
    """What happens, drawn as it goes on: two stages that look the same have the same happen to them."""

    def __init__(self, pick: random.Random, given: Rules) -> None:
        self.pick, self.given = pick, given

    def play(self, stage: Stage) -> None:
        """Let all of it happen, then have all puppets exit."""
        for _ in range(self.pick.choice((1, 2, 4, 6))):
            self.act(stage, 1 if self.given.short else self.pick.choice((1, 2, 3, 5, 8)))
        for _ in range(LAST):
            self.see_off(stage)
            stage.go_on()
        assert not stage.running()

    def act(self, stage: Stage, happenings: int) -> None:
        """Let so many things happen while PID 1 is held, then let it go on."""
        stage.tracer.ahead += DUPLICATE
        for _ in range(happenings):
            if stage.running():
                self.pick.choice((self.signal, self.signal, self.queue, self.queue, self.puppet, self.puppet))(stage)
        stage.go_on()

    def signal(self, stage: Stage) -> None:
        """Send a signal from outside."""
        os.kill(stage.container.pid, self.number())

    def queue(self, stage: Stage) -> None:
        """Send one with a value."""
        value = self.pick.choice((0, 1, -1, 2**31 - 1, -(2**31)))
        assert libc.sigqueue(stage.container.pid, self.number(), ctypes.c_void_p(value)) == 0

    def puppet(self, stage: Stage) -> None:
        """Have a puppet do something."""
        living = stage.living()
        if living:
            self.pick.choice((self.send, self.send, self.leave, self.orphan, self.end))(stage, self.pick.choice(living))

    def send(self, stage: Stage, puppet: Puppet) -> None:
        stage.tell(puppet, self.pick.choice((f"kill 1 {self.number()}", f"queue 1 {self.number()} 7")))

    def leave(self, stage: Stage, puppet: Puppet) -> None:
        stage.tell(puppet, "leave")

    def orphan(self, stage: Stage, puppet: Puppet) -> None:
        stage.tell(puppet, "orphan orphan")

    def end(self, stage: Stage, puppet: Puppet) -> None:
        stage.tell(puppet, self.pick.choice(("exit 0", "exit 3", "exit 143", "die 9", "die 15", "die 19")))

    def number(self) -> int:
        return self.pick.choice(STOPS if self.pick.random() < RARE else OTHERS)

    def see_off(self, stage: Stage) -> None:
        """Have one puppet exit, or go on where it has stopped."""
        living = stage.living()
        if living:
            stage.tell(living[0], f"exit {self.pick.choice((0, 3))}")
            return
        for puppet in stage.puppets:
            if state(puppet.outer) == "T":
                os.kill(puppet.outer, signal.SIGCONT)
                stage.settle()
                return
