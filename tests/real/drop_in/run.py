"""One run of an init in one situation, watched from outside.

Whoever has something to tell connects (native/wire.h): its end of the line says which process it is, and that it has
ended. Every wait is for a condition, and bounded: what never comes is Unseen. Everything started ends with the run.
"""

from __future__ import annotations

import itertools
import os
import pty
import selectors
import signal
import socket
import struct
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from tests.real.drop_in.files import place
from tests.real.drop_in.scenario import WITNESS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.real.drop_in.build import Helpers
    from tests.real.drop_in.scenario import Scenario

#: Seconds: longer than anything takes on a busy machine; and once the init has ended, for what its end brings about.
PATIENCE, AFTERMATH = 30.0, 5.0

#: What has been waited for in vain: each halves the patience, down to this, so that an init that does nothing right
#: does not take the whole day to tell.
LEAST = 1.0
_in_vain: list[str] = []

#: The last of the signals: it is dequeued after all that are pending before it, in the init and in the child
#: (signal(7)), so whoever has got it will not get anything that was sent earlier.
MARKER = 64

_numbers = itertools.count()


class Unseen(Exception):  # noqa: N818 - no error: an observation
    """What was waited for has not come."""


class Peer:
    """A process that has connected."""

    def __init__(self, run: Run, line: socket.socket) -> None:
        self.run, self.line = run, line
        #: As it is numbered out here (SO_PEERCRED, unix(7)).
        self.pid = int(struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
        try:
            self.handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.handle = -1
        self.role, self.inner = "", 0
        self.inbox: list[str] = []
        self.gone = False

    def signal(self, number: int) -> None:
        """Send it a signal, and nobody who has its number by now."""
        if self.handle < 0:
            raise self._gone()
        signal.pidfd_send_signal(self.handle, number)

    def close(self) -> None:
        """Forget it."""
        self.line.close()
        if self.handle >= 0:
            os.close(self.handle)

    def receive(self) -> None:
        """Take one message in."""
        try:
            text = self.line.recv(1 << 17).decode()
        except ConnectionResetError:
            text = ""
        if not text:
            self.gone = True
        elif not self.role:
            self.role, number = text.split()
            self.inner = int(number)
        else:
            self.inbox.append(text)

    def message(self) -> str:
        """Return its next message."""
        self.run.until(lambda: self.inbox or self.gone, f"{self.role} says something")
        if not self.inbox:
            raise self._gone()
        return self.inbox.pop(0)

    def _gone(self) -> Unseen:
        return Unseen(f"{self.role} is gone")

    def tell(self, order: str) -> None:
        """Give an order."""
        try:
            self.line.send(order.encode())
        except BrokenPipeError:
            raise self._gone() from None

    def heard(self) -> list[str]:
        """Return the signals that it has got and not told yet, "NUMBER from WHOM"."""
        self.tell("here")
        return self._got(lambda text: text == "here")

    def marked(self) -> list[str]:
        """Return the signals that it gets before the marker."""
        return self._got(lambda text: text.startswith(f"got {MARKER} "))

    def _got(self, is_last: Callable[[str], bool]) -> list[str]:
        found = []
        while not is_last(text := self.message()):
            _, number, sender = text.split()
            found.append(f"{number} from {self.run.name(int(sender))}")
        return found

    def is_stopped(self) -> bool:
        """Tell whether it is in state T (proc_pid_stat(5))."""
        return self.run.stat(self.pid)[0] == "T"


class Run:
    """Starts it, and ends all of it."""

    def __init__(self, scenario: Scenario, init: Sequence[str], helpers: Helpers, path: str) -> None:
        self.setting, self.helpers = scenario.setting, helpers
        self.terminals = {name: pty.openpty() for name in {self.setting.control, self.setting.stdin} & {"A", "B"}}
        self.address = f"@sigroute-{os.getpid()}-{next(_numbers)}"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind("\0" + self.address[1:])
        self.listener.listen(64)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        self.peers: list[Peer] = []
        self.files = {name: tempfile.TemporaryFile() for name in ("stdout", "stderr")}  # noqa: SIM115 - closed by __exit__
        named = {WITNESS: str(helpers.witness), "@": self.address}
        words = [named.get(word, word) for word in (*init, *scenario.options, *scenario.command)]
        terminals = {name: os.ttyname(theirs) for name, (_, theirs) in self.terminals.items()}
        self.process = subprocess.Popen(
            [
                helpers.situate,
                f"at={self.address}",
                *self.setting.words(terminals),
                "--",
                *place(words, helpers.folder),
            ],
            stdin=subprocess.DEVNULL,
            stdout=self.files["stdout"],
            stderr=self.files["stderr"],
            env={"PATH": path, **scenario.environ},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()  # and with it the namespace (native/situate.c)
        self.process.wait()
        self.selector.close()
        self.listener.close()
        for peer in self.peers:
            peer.close()
        for file in self.files.values():
            file.close()
        for descriptor in itertools.chain(*self.terminals.values()):
            os.close(descriptor)

    def _take_in(self, peer: Peer | None) -> None:
        if peer:
            peer.receive()
            if peer.gone:
                self.selector.unregister(peer.line)
        else:
            line, _ = self.listener.accept()
            self.peers.append(Peer(self, line))
            self.selector.register(line, selectors.EVENT_READ, self.peers[-1])

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Take in what is said until a condition holds."""
        began = time.monotonic()
        while not condition():
            over = self.process.poll() is not None
            patience = max(LEAST, (AFTERMATH if over or self._end() else PATIENCE) * 0.5 ** len(_in_vain))
            ready = self.selector.select(0.02)
            for key, _ in ready:
                self._take_in(key.data)
            nobody = over and not ready and all(peer.gone for peer in self.peers)
            if (nobody or time.monotonic() > began + patience) and not condition():
                if not nobody:
                    _in_vain.append(what)
                raise Unseen(what)

    def peer(self, role: str) -> Peer:
        """Wait for somebody."""
        self.until(lambda: any(peer.role == role for peer in self.peers), f"{role} is there")
        return next(peer for peer in self.peers if peer.role == role)

    @property
    def init(self) -> Peer:
        """The init; its line ended when it was executed."""
        return self.peer("init")

    def child(self) -> tuple[Peer, str]:
        """Wait for the child, and until the init is in its loop: return it, and what it found."""
        child = self.peer("child")
        found = child.message()
        self.send(MARKER)
        child.marked()
        return child, found

    def send(self, *numbers: int) -> None:
        """Send the init signals, from outside."""
        for number in numbers:
            self.init.signal(number)

    def name(self, pid: int) -> str:
        """Name a process by its number in the namespace."""
        known = {0: "outside", **{peer.inner: peer.role for peer in self.peers if peer.inner}}
        return known.get(pid, "another")

    def _end(self) -> str:
        """Return how the init has ended, if it has and it was told."""
        told = [text.split() for peer in self.peers if peer.role == "ground" for text in peer.inbox]
        init = next((peer for peer in self.peers if peer.role == "init"), None)
        number = str(init.pid if self.setting.place == "pid1" else init.inner) if init else ""
        return next((" ".join(words[2:]) for words in told if words[:2] == ["ended", number]), "")

    def end(self) -> str:
        """Wait until the init has ended; return how."""
        self.until(self._end, "the init ends")
        return self._end()

    def stopped(self) -> bool:
        """Tell whether the init is stopped."""
        return self.stat(self.init.pid)[0] == "T"

    def is_gone(self, peer: Peer) -> bool:
        """Tell whether it has ended and been reaped."""
        return self.stat(peer.pid) == ["gone"]

    def stat(self, pid: int) -> list[str]:
        """Return the fields of proc_pid_stat(5) from the third on, the state; as numbered out here."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ["gone"]

    def output(self, name: str) -> str:
        """Return what has been written there."""
        self.files[name].seek(0)
        return self.files[name].read().decode(errors="replace")
