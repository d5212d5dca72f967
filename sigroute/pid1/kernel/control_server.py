"""The server of the control socket: it accepts the clients that wait, answers each, and ends with the last one.

It is a fork of PID 1, so it knows the state as it was when the first of them had connected. It looks at all of its
clients at once, and waits for none: whoever sends no request, or does not read the answer, has PATIENCE milliseconds.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.control import answers
from sigroute.pid1.control.protocol import FOLLOW
from sigroute.pid1.engine.requests import CHANGING
from sigroute.pid1.exit_codes import FAILURE, NO_PERMISSION, UNAVAILABLE, USAGE
from sigroute.pid1.kernel import polling, sockets
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.clock import milliseconds
from sigroute.pid1.kernel.connection import Connection
from sigroute.pid1.kernel.output import end
from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.control.answers import Known, Request

#: The most clients at once. Others wait in the kernel.
CLIENTS = 256

#: The most servers that are told of all that happens, as each of them stays.
FOLLOWERS = 8

#: Bytes to read at once.
PIECE = 65536

#: So many requests that are answered at once PID 1 has at a time. Then its answers always have room: a pipe takes 16 of
#: the longest (pipe(7)).
AT_ONCE = 8

#: Seconds.
PAUSE = 1.0

#: A request of no words: for another server (control.py).
ANOTHER = b"\0"


class Server:
    """The clients, and the way to PID 1 and back."""

    def __init__(self, known: Known, listener: int, way: tuple[int, int, int], followers: int) -> None:
        self.known = known
        self.listener: int | None = listener
        self.number, self.requests, self.replies = way
        self.followers = followers
        self.clients: dict[int, Connection] = {}
        self.last = 0
        #: Requests that are answered at once: those that wait for their turn, and the clients of those that have it.
        self.waiting: list[tuple[int, bytes]] = []
        self.under_way: set[int] = set()
        #: What has come of a reply so far.
        self.rest = b""

    def run(self) -> None:
        """Serve until no client is left."""
        self.accept()
        while self.clients:
            now = milliseconds()
            readers = [fd for fd, client in self.clients.items() if not client.has_asked]
            writers = [fd for fd, client in self.clients.items() if client.out]
            due = min([client.due for client in self.clients.values()])
            readable, writable = polling.ready([*readers, self.replies], writers, max(due - now, 0))
            for fd in readable:
                if fd == self.replies:
                    self.take_replies()
                elif fd in self.clients:
                    self.read(self.clients[fd])
            for fd in writable:
                if fd in self.clients:
                    self.clients[fd].write()
            self.tidy(milliseconds())
            if self.listener is not None:
                self.accept()

    def accept(self) -> None:
        """Accept those who wait. Whoever comes after the last of them gets another server, which knows more.

        So does who comes when this one is full: by the time that it had room it would know too little.
        """
        while self.listener is not None:
            if len(self.clients) >= CLIENTS:
                self.leave_the_rest()
                return
            try:
                fd, pid, uid = sockets.accepted(self.listener)
            except BlockingIOError:
                self.stop_listening()
                return
            except OSError:  # no descriptor is left
                self.leave_the_rest()
                return
            self.last += 1
            client = self.clients[fd] = Connection(fd, self.last, pid, uid)
            if uid not in (0, posix.geteuid()):
                client.refuse(NO_PERMISSION, f"this is for root and for user {posix.geteuid()}, and not for user {uid}")

    def leave_the_rest(self) -> None:
        """Have another server accept those who wait still."""
        if not self.clients:
            optional(time.sleep, PAUSE)  # there may be a descriptor then
        optional(posix.write, self.requests, ANOTHER)
        self.stop_listening()

    def stop_listening(self) -> None:
        """Accept nobody any more."""
        if self.listener is not None:
            posix.close(self.listener)
            self.listener = None

    def read(self, client: Connection) -> None:
        """Read what a client sends; answer it once the request is whole."""
        line = client.read(PIECE)
        if line is None:
            return
        try:
            words = line.decode().split("\t")
        except UnicodeDecodeError:
            client.refuse(USAGE, "the request is not UTF-8")
            return
        answers.answer(self.known, Asker(self, client), words)

    def ask(self, client: Connection, what: str, signal: int, children: Sequence[int]) -> None:
        """Ask PID 1 to do something; its reply comes later."""
        words = (self.number, client.number, what, signal, client.pid, client.uid, ",".join(map(str, children)))
        data = "\t".join(map(str, words)).encode() + b"\0"
        if len(data) > PIPE_BUF:  # which a pipe takes in one piece
            client.refuse(USAGE, "that is about too many children at once")
            return
        client.await_reply(long=what in CHANGING)
        if what in CHANGING:
            posix.write(self.requests, data)
        else:
            self.waiting.append((client.number, data))
            self.go_on()

    def go_on(self) -> None:
        """Write as many of the requests that wait as PID 1 can answer at once."""
        while self.waiting and len(self.under_way) < AT_ONCE:
            number, data = self.waiting.pop(0)
            self.under_way.add(number)
            posix.write(self.requests, data)

    def take_replies(self) -> None:
        """Pass on what PID 1 has replied; if it has gone, nobody is left to answer."""
        data = posix.read(self.replies, PIECE)
        if not data:
            for client in self.clients.values():
                client.refuse(UNAVAILABLE, "sigroute has ended")
                client.write()
            end(0)
        *whole, self.rest = (self.rest + data).split(b"\0")
        for reply in whole:
            if reply.startswith(b"{"):
                for client in self.clients.values():
                    if client.follows:
                        client.tell(reply + b"\n")
                continue
            number, refused, did = reply.decode("utf-8", "replace").split("\t", 2)
            self.under_way.discard(int(number))
            self.go_on()
            for client in self.clients.values():
                if client.number == int(number):
                    self.take_reply(client, refused, did)

    def take_reply(self, client: Connection, refused: str, did: str) -> None:
        """Answer a client, or ask for the next thing that it has asked for."""
        client.did += [did] if did else []
        if client.is_to_follow:
            client.follow()
        elif refused or not client.next:
            client.reply(refused, "\n".join(client.did))
        elif not client.is_there():
            client.has_gone = True  # nobody wants the rest
        else:
            self.ask(client, *client.next.pop(0))

    def tidy(self, now: int) -> None:
        """Forget the clients that are served, have gone, or have taken too long."""
        for client in list(self.clients.values()):
            client.look_at_the_time(now)
            if client.is_over:
                posix.close(client.fd)
                del self.clients[client.fd]


class Asker:
    """One client, as those see it who make the answers."""

    def __init__(self, server: Server, client: Connection) -> None:
        self.server = server
        self.client = client
        self.answer = client.answer
        self.refuse = client.refuse

    def follow(self) -> None:
        """Be told of all that happens."""
        if self.server.followers >= FOLLOWERS:
            self.client.refuse(FAILURE, f"{FOLLOWERS} others follow already")
            return
        if any(client.follows for client in self.server.clients.values()):
            self.client.follow()
            return
        self.client.is_to_follow = True  # once PID 1 knows: from then on nothing is missed
        self.client.await_reply(long=False)
        posix.write(self.server.requests, b"%d\t%d\t%s\0" % (self.server.number, self.client.number, FOLLOW))

    def ask(self, *requests: Request) -> None:
        """Have PID 1 do something, one after the other; its replies are the answer."""
        first, *self.client.next = requests
        self.server.ask(self.client, *first)


def serve(known: Known, listener: int, way: tuple[int, int, int], followers: int) -> None:
    """Be the server.

    :param way: its number; what it writes requests into, and reads replies from.
    :param followers: the servers that are told of all that happens.
    """
    Server(known, listener, way, followers).run()
