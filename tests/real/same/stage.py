"""PID 1 in a namespace, held by a tracer, with puppets below it. Whatever happens, happens while PID 1 is held."""

from __future__ import annotations

import os
import re
import select
import signal
import socket
import struct
import time
from contextlib import ExitStack, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from tests.compiled import environment
from tests.real.container import Container, children, state
from tests.real.gate import Gate
from tests.real.same.tracer import Tracer, pending
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Sequence

#: A wait of more milliseconds is not waited for. The rules have either shorter or much longer ones.
LONG = 2000

#: Seconds between two looks at who has reacted: PID 1 is held meanwhile.
SOON = 0.0002

NAMES = count()

#: In a line of the log: its time, a pid, and how long a stop took.
STAMP, PID = re.compile(r"^\S+Z? "), re.compile(r"(pid|process group|process) (\d+)")
TOOK = re.compile(r"took \d+ ms; .*")


class Outcome(NamedTuple):
    """What others have seen of PID 1."""

    calls: list[tuple[object, ...]]
    log: list[str]
    code: int


class Puppet(NamedTuple):
    """A process that does what it is told (puppet.c)."""

    role: str
    inner: int
    """Its pid in the namespace."""
    outer: int
    commands: socket.socket


class Stage:
    """An init with this command, as PID 1."""

    def __init__(self, folder: Path, command: Sequence[str], defaults: Sequence[int] = ()) -> None:
        name = f"sigroute-{os.getpid()}-{next(NAMES)}"
        self.door = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.bind(f"\0{name}")
        self.door.listen(64)
        self.door.settimeout(0)
        words = environment(PUPPETS=name, DEFAULTS=" ".join(map(str, defaults)))
        self.gate = Gate(folder)
        self.container = Container(folder, [*self.gate.words, *command], environment=words)
        self.puppets: list[Puppet] = []
        self.seen: list[tuple[object, ...]] = []
        self.others = {0: "nobody", 1: "init"}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self.door.close)
            stack.enter_context(self.gate)
            stack.enter_context(self.container)
            self.tracer = Tracer(self.container.pid, self.settle)
            stack.callback(self.tracer.close)
            self.gate.let_go()
            until(self.begins, "the first child is there")
            self.tracer.hold()
            self.go_on()
            self.settle()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()
        for puppet in self.puppets:
            puppet.commands.close()

    def begins(self) -> bool:
        """Tell whether the first child is there."""
        self.tracer.starts()
        self.meet()
        return bool(self.puppets)

    def meet(self) -> None:
        """Let in the puppets that are at the door."""
        with suppress(BlockingIOError):
            while True:
                commands, _ = self.door.accept()
                commands.settimeout(None)
                role, inner = commands.recv(128).decode().split()
                outer, _, _ = struct.unpack("3i", commands.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
                number = sum(puppet.role.split("#")[0] == role for puppet in self.puppets)
                name = f"{role}#{number}" if number else role
                self.puppets.append(Puppet(name, int(inner), outer, commands))
        self.puppets.sort(key=lambda puppet: puppet.inner)  # two that come at once do so in any order

    def settle(self) -> None:
        """Wait until each process below PID 1 is a puppet that waits for a command, or has ended or stopped."""
        deadline = time.monotonic() + PATIENCE
        while not self.is_settled():
            assert time.monotonic() < deadline, "somebody goes on"
            time.sleep(SOON)

    def is_settled(self) -> bool:
        self.meet()
        known = {puppet.outer for puppet in self.puppets}
        return all(rests(pid, puppet=pid in known) for pid in below(self.container.pid))

    def go_on(self) -> None:
        """Let PID 1 go on until it has nothing to do for long, if it has something to do now."""
        if not self.running() or (self.seen and not pending(self.tracer.pid)):
            return
        began = len(self.tracer.calls)
        while (wait := self.tracer.run()) is not None:
            if wait < 0 or wait > LONG:
                break
        for call in self.tracer.calls[began:]:
            who = self.role(abs(call.pid))
            self.seen.append((call.name, f"group of {who}" if call.pid < 0 else who, *call[2:]))
        self.seen.append(("ends",) if wait is None else ("waits", "for ever" if wait < 0 else "with a deadline"))

    def role(self, pid: int) -> str:
        """Return the role of a process, or which of those without a role it is."""
        known = {puppet.inner: puppet.role for puppet in self.puppets}
        return known.get(pid) or self.others.setdefault(pid, f"other {len(self.others)}")

    def running(self) -> bool:
        """Tell whether PID 1 has not ended."""
        return self.tracer.status is None

    def living(self) -> list[Puppet]:
        """Return the puppets that can be told something."""
        return [puppet for puppet in self.puppets if state(puppet.outer) == "S"]

    def tell(self, puppet: Puppet, command: str) -> None:
        """Have a puppet do something, and wait until it has."""
        with suppress(BlockingIOError):  # it has stopped, and gone on since
            puppet.commands.recv(16, socket.MSG_DONTWAIT)
        puppet.commands.send(command.encode())
        if not command.startswith(("exit", "die")):
            assert select.select([puppet.commands], [], [], PATIENCE)[0], f"{puppet.role} does not answer"
            with suppress(ConnectionResetError):  # it has ended
                puppet.commands.recv(16)
        until(lambda: not command.startswith(("exit", "die")) or state(puppet.outer) in {"Z", "T", ""}, "it has")
        self.settle()

    def outcome(self) -> Outcome:
        """Return what was seen, when PID 1 has ended."""
        code = self.container.wait()
        return Outcome(self.seen, [self.line(line) for line in self.container.log().splitlines()], code)

    def line(self, text: str) -> str:
        """Return a line of the log without what differs between two runs: its time, pids, how long a stop took."""
        text = TOOK.sub("took so long", STAMP.sub("", text))
        return PID.sub(lambda found: f"{found[1]} {self.role(int(found[2]))}", text)


def rests(pid: int, *, puppet: bool) -> bool:
    """Tell whether a process will do nothing by itself."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
    fields = dict(line.split(":\t", 1) for line in text.splitlines())
    if fields["State"][0] in "ZX":
        return True
    waiting = (int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)) & ~int(fields["SigBlk"], 16)
    if fields["State"][0] == "T":
        return not waiting & 1 << signal.SIGKILL - 1
    return puppet and fields["State"][0] == "S" and not waiting and in_read(pid)


def in_read(pid: int) -> bool:
    """Tell whether a process is in read(2)."""
    with suppress(OSError, ValueError):
        return int(Path(f"/proc/{pid}/syscall").read_text().split()[0]) in (0, 63)
    return False


def below(pid: int) -> list[int]:
    """Return the processes that descend from one."""
    found, left = [], [pid]
    while left:
        born = children(left.pop())
        found += born
        left += born
    return found
