"""A connection to the control socket, as its server has it: what the client has sent, and what it is to get."""

from __future__ import annotations

import posix

from sigroute.pid1.control import protocol
from sigroute.pid1.exit_codes import FAILURE, SUCCESS, UNAVAILABLE, USAGE
from sigroute.pid1.kernel.clock import milliseconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.control.answers import Request

#: Milliseconds: for a request, for its reply, and for a piece of the answer to be read.
PATIENCE = 5_000

#: Milliseconds between two looks at whether somebody is still there who waits long.
LOOK = 1_000

#: The most bytes that are kept for a client that follows and does not read; the line that says how many it has missed.
ROOM, LOST = 1 << 18, b'{"event": "lost", "number": %d}\n'


class Connection:
    """One client."""

    def __init__(self, fd: int, number: int, pid: int, uid: int) -> None:
        self.fd = fd
        self.number = number
        self.pid, self.uid = pid, uid
        #: What it has sent, until that is a request.
        self.data = b""
        self.has_asked = False
        #: What it has asked for, and PID 1 has not been asked yet; what was done so far.
        self.next: list[Request] = []
        self.did: list[str] = []
        #: What it is to get; None: it has got nothing so far.
        self.out: bytes | None = None
        #: When its time is over.
        self.due = milliseconds() + PATIENCE
        self.has_gone = False
        #: It waits as long as a reply takes.
        self.is_patient = False
        #: It gets lines as they come; so many were lost, as it does not read.
        self.is_to_follow, self.follows, self.lost = False, False, 0

    @property
    def is_over(self) -> bool:
        """It has got all that it is to get, or gets no more."""
        return self.has_gone or (self.out == b"" and not self.follows)

    def read(self, most: int) -> bytes | None:
        """Read; return the request, without its end, once it is whole."""
        try:
            data = posix.read(self.fd, most)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data and self.data:
            self.refuse(USAGE, "the request has no end: it is one line")
            return None
        self.has_gone = not data
        self.data += data
        line, end, _ = self.data.partition(b"\n")
        if len(line) >= protocol.MOST:
            self.refuse(USAGE, f"a request is one line of less than {protocol.MOST} bytes")
        elif end:
            self.has_asked = True
            return line.removesuffix(b"\r")
        return None

    def await_reply(self, *, long: bool) -> None:
        """Wait for what PID 1 replies.

        :param long: as long as that takes, and whoever asks is there.
        """
        if long and not self.is_patient:
            self.send_wait()
        self.is_patient = long
        self.due = milliseconds() + (LOOK if long else PATIENCE)

    def send_wait(self) -> None:
        """Tell that the request was taken; an empty socket takes so little at once."""
        try:
            posix.write(self.fd, protocol.WAIT)
        except OSError:
            self.has_gone = True

    def answer(self, text: str) -> None:
        """Answer with what was asked for."""
        self._put(SUCCESS, text)

    def reply(self, refused: str, did: str) -> None:
        """Answer with what PID 1 has replied."""
        if refused:
            self.refuse(FAILURE, refused)
        else:
            self.answer(f"{did}\n" if did else "")

    def refuse(self, code: int, why: str) -> None:
        """Answer why it is not done."""
        self._put(code, f"{why}\n")

    def follow(self) -> None:
        """Begin an answer that goes on until one of both has gone."""
        self.follows, self.out = True, protocol.head(SUCCESS, None)
        self.due = milliseconds() + LOOK
        self.write()

    def tell(self, line: bytes) -> None:
        """Add a line to such an answer, if it is read."""
        if len(self.out or b"") + len(line) > ROOM:
            self.lost += 1
            return
        lost, self.lost = self.lost, 0
        self.out = (self.out or b"") + (LOST % lost if lost else b"") + line
        self.write()

    def _put(self, code: int, text: str) -> None:
        if self.out is None:
            data = text.encode("utf-8", "replace")
            self.out = protocol.head(code, len(data)) + data
            self.has_asked = True
            self.due = milliseconds() + PATIENCE
            self.write()

    def write(self) -> None:
        """Write as much as it takes."""
        try:
            while self.out:
                self.out = self.out[posix.write(self.fd, self.out) :]
                self.due = milliseconds() + PATIENCE
        except BlockingIOError:
            return
        except OSError:
            self.has_gone = True

    def is_there(self) -> bool:
        """Tell whether the other end is open, at least to read: a write(2) of nothing tells it, and harms nobody."""
        try:
            posix.write(self.fd, b"")
        except OSError:
            return False
        return True

    def look_at_the_time(self, now: int) -> None:
        """See whether its time is over."""
        if now < self.due or self.is_over:
            return
        if self.follows:  # it may read on after a while; until then it misses what has no room
            self.has_gone = not self.is_there()
            self.due = now + LOOK
        elif self.out is not None:
            self.has_gone = True
        elif self.is_patient:
            self.has_gone = not self.is_there()
            self.due = now + LOOK
        elif self.has_asked:
            self.refuse(UNAVAILABLE, "sigroute has not replied")
        else:
            self.refuse(USAGE, f"no request has come in {PATIENCE // 1000} s")
