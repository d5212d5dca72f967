"""A rule file, a clock, and children that do as the test says: ``scene.signal("TERM")``, then ``scene.sent``."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sigroute.language import compile_plan, load, parse_signal
from sigroute.pid1.engine import effects as fx
from sigroute.pid1.engine import events as ev
from sigroute.pid1.names import name_of
from tests.pid1.world import ALL_SIGNALS, World

if TYPE_CHECKING:
    from sigroute.pid1.plan import Plan
    from tests.pid1.world import Process

NOBODY = "nobody"


def plan_of(rules: str, command: tuple[bytes, ...] = (b"server",)) -> Plan:
    """Compile the text of a rule file; the child without a command runs this one."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rules.toml"
        path.write_text(rules)
        loaded = load(str(path))
        waiting = not loaded.rules.children or any(not child.command for child in loaded.rules.children)
        return compile_plan(loaded, command if waiting else ())


class Scene(World):
    """One run by these rules, begun (every child that can be started was) unless that is left to the test."""

    def __init__(
        self,
        rules: str = "",
        *,
        proc: bool = True,
        fails: tuple[str, ...] = (),
        begun: bool = True,
        command: tuple[bytes, ...] = (b"server",),
    ) -> None:
        super().__init__(plan_of(rules, command), proc=proc)
        self.names = [child.name for child in self.plan.children]
        self.fails = lambda effect: (
            ev.NotSpawned(child=effect.child, status=127, reason="not found")
            if isinstance(effect, fx.Spawn) and self.names[effect.child] in fails
            else None
        )
        if begun:
            self.begin()
        self.fails = lambda _effect: None

    def child(self, name: str) -> Process:
        """Return the process of a declared child."""
        return next(each for each in self.processes.values() if each.child == self.names.index(name))

    def become(self, name: str, program: str, *, handled: int = ALL_SIGNALS, ignored: int = 0) -> None:
        """Let a child exec a program, with handlers for these signals, of which it ignores some."""
        process = self.child(name)
        process.names, process.handled, process.ignored = (program,), handled, ignored

    def signal(self, name: str, sender: str = "outside", *, at: int | None = None, value: int | None = None) -> None:
        """Let a signal arrive, now or at that moment, with a value where it was queued with one."""
        if at is not None:
            self.until(at)
        self.feed(ev.Signal(signal=parse_signal(name), sender=sender, value=value))

    def exit(self, name: str, status: int = 0, *, at: int | None = None) -> None:
        """Let a child exit and be reaped."""
        if at is not None:
            self.until(at)
        self.die(self.child(name), status)
        self.reap()

    def end(self, process: Process, *, at: int | None = None) -> None:
        """Let any process exit, and its parent reap it."""
        if at is not None:
            self.until(at)
        self.die(process)
        self.reap()

    def freeze(self, name: str) -> None:
        """Let something stop a child, as Ctrl-Z does."""
        process = self.child(name)
        process.state = "T"
        self.feed(ev.Stopped(pid=process.pid, signal=20))

    def thaw(self, name: str) -> None:
        """Let something continue it."""
        process = self.child(name)
        process.state = "S"
        self.feed(ev.Continued(pid=process.pid))

    def run_ends(self, status: int, *, at: int | None = None) -> None:
        """Let the command of an action end."""
        if at is not None:
            self.until(at)
        self.die(next(each for each in self.living() if each.run is not None), status)
        self.reap()

    def ends(self, within: int = 3_600_000) -> int | None:
        """Let time pass until sigroute ends; return its exit code."""
        self.until(self.now + within)
        return self.code

    @property
    def sent(self) -> list[tuple[int, str, str]]:
        """When, to whom, and what: every signal that was sent to a child or to what belongs to it."""
        return [(now, self._who(effect), name_of(effect.signal)) for now, effect in self._kills()]

    @property
    def values(self) -> list[tuple[str, int | None]]:
        """What the children themselves, or their groups, got, each with its value."""
        return [(name_of(effect.signal), effect.value) for _, effect in self._kills() if isinstance(effect, fx.Kill)]

    @property
    def pids(self) -> list[tuple[int, str]]:
        """Which process got what, in order; a group as a negative number."""
        return [
            (-effect.pid if isinstance(effect, fx.Kill) and effect.group else effect.pid, name_of(effect.signal))
            for _, effect in self._kills()
        ]

    @property
    def said(self) -> list[str]:
        """The decisions that were told, in order."""
        return [effect.what for _, effect in self.done if isinstance(effect, fx.Say)]

    @property
    def ran(self) -> list[tuple[int, tuple[bytes, ...]]]:
        """When which command was run."""
        return [(now, effect.argv) for now, effect in self.done if isinstance(effect, fx.Run)]

    def _kills(self) -> list[tuple[int, fx.Kill | fx.KillOther]]:
        return [(now, effect) for now, effect in self.done if isinstance(effect, (fx.Kill, fx.KillOther))]

    def _who(self, effect: fx.Kill | fx.KillOther) -> str:
        return self.names[effect.child] if effect.child != fx.NOBODY else NOBODY
