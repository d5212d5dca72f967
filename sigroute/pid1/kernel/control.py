"""The control socket in PID 1: it has others serve it, and takes their requests.

A connection is a notice for the one blocking call (notices.py). Then PID 1 forks a server (control_server.py). That has
all that PID 1 knows at that moment; it accepts the connections that wait, answers them, and ends. So a client that
hangs, floods or sends nonsense keeps a server busy, and never PID 1.

A server changes nothing by itself. It writes a request into a pipe that all servers share, and PID 1 takes one at a
time, as it takes a signal. The answer goes back by a pipe that this server alone reads.

    request    server, client, what, signal, pid, uid, children (by index, with commas): words with tabs, and a 0
               nothing, and a 0: this server is full, and others may wait
               server, client, follow: this server is to be told of all that happens
    answer     client, why it was refused or nothing, what was done: the same
    line       what has happened, as the log has it in JSON, to servers that follow

PID 1 loads this only if there is a control socket.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine import many
from sigroute.pid1.engine.events import Childless
from sigroute.pid1.engine.requests import REQUESTS, SIGNALLING, Reply, Requested
from sigroute.pid1.exit_codes import FAILURE, SUCCESS
from sigroute.pid1.kernel import below, clock, output, spawn
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.clock import milliseconds
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.surroundings import close_all_but
from sigroute.pid1.log import narrate
from sigroute.pid1.log.log import Log
from sigroute.pid1.log.messages import MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import NoReturn

    from sigroute.pid1.control.counts import Counts
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event, Process
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.kernel.notices import Notices
    from sigroute.pid1.log.narrate import Line
    from sigroute.pid1.plan import Plan

    Descriptors = tuple[int, int, int]
    """The listening socket, and both ends of the pipe for requests."""

#: The most servers at once, and the milliseconds that each adds to the time of the next but one: in the long run no
#: more than ten start in a second, but a few may start together.
MOST, PACE, TOGETHER = 16, 100, 500

#: Milliseconds until the next try, where the kernel has no process or descriptor for a server.
AGAIN = 1_000

#: Clients of one server are told apart by this many bits of a request's number.
BITS = 16

#: What a server does first: a compiled init has its modules load from its own file.
before: list[Callable[[], None]] = []

#: The line that says how many a follower has missed.
LOST = b'{"event": "lost", "number": %d}\0'

#: The end of a server's request to be told of all that happens.
FOLLOWS = b"\tfollow"

#: The nice value of servers: no signal waits for them.
NICE = 10


class NoSink:
    """Where no line is written."""

    silent = True

    def tell(self, _lines: list[bytes], _again: object) -> None:
        """Do nothing."""


class Control:
    """The socket, its servers and their requests. It is an observer, too, and so tells what a request has caused."""

    def __init__(
        self, descriptors: tuple[int, ...], notices: Notices, plan: Plan, avoided: Callable[[], frozenset[int]]
    ) -> None:
        """Listen.

        :param avoided: returns the pids that no new process may have.
        """
        self.listener, self.reader, self.writer = descriptors
        self.notices = notices
        self.plan = plan
        self.avoided = avoided
        #: The plan, the state and the time of it, which the servers are to know: set once it runs; and what is counted.
        self.now: Callable[[], tuple[Plan, State, int]] | None = None
        self.counts: Counts | None = None
        #: By pid: the number of each server, and what PID 1 writes answers into.
        self.servers: dict[int, tuple[int, int]] = {}
        self.last = 0
        #: Somebody may wait to be accepted, and when the next server may start, in milliseconds.
        self.wanted, self.next_at = False, 0
        #: By number: the servers that are told of all that happens, and how many lines each has missed.
        self.followers: dict[int, int] = {}
        #: Requests that were read, and not taken.
        self.read = b""
        #: A process has ended since others were found beside the servers.
        self.lost_one = True
        #: Called after a fork.
        self.forked: Callable[[], None] = lambda: None
        notices.owners |= {self.listener: self._knocked, self.reader: self._heard}

    def _knocked(self, _fd: int) -> Iterable[Event]:
        self.wanted = True
        return ()

    def keep(self, due: int | None) -> int | None:
        """Start a server if one is wanted; return when PID 1 must wake up: at ``due``, or before that to start one."""
        if not self.wanted or len(self.servers) >= MOST:
            return due  # the end of a server wakes PID 1
        now = milliseconds()
        if now >= self.next_at - TOGETHER:
            self.wanted, self.next_at = False, max(now, self.next_at) + PACE
            self._start()
            if not self.wanted:
                return due
        at = self.next_at - TOGETHER
        return at if due is None else min(at, due)

    def _start(self) -> None:
        """Start a server. If that is not possible, it is tried again later: those who wait are not forgotten."""
        self.last += 1
        try:
            reader, writer = spawn.pipe()
        except OSError:
            self._start_later()
            return
        try:
            pid = spawn.fork(self.avoided())
            if not pid:
                self._serve(reader)
            self.servers[pid] = (self.last, writer)
        except OSError:
            optional(posix.close, writer)
            self._start_later()
            return
        finally:
            optional(posix.close, reader)
        self.forked()

    def _start_later(self) -> None:
        self.wanted, self.next_at = True, milliseconds() + TOGETHER + AGAIN

    def _serve(self, answers: int) -> NoReturn:
        """Be the server. Signals stay blocked, as in PID 1: the server ends when PID 1 has, or nobody is left."""
        code = FAILURE
        try:
            optional(posix.setpgid, 0, 0)
            for each in before:
                each()
            optional(close_all_but, {self.listener, self.writer, answers})
            optional(posix.nice, NICE)
            from sigroute.pid1.kernel.control_server import serve  # noqa: PLC0415 - no other process needs it

            assert self.now is not None and self.counts is not None  # noqa: S101, PT018 - there is no server before
            known = (*self.now(), self.counts)
            serve(known, self.listener, (self.last, self.writer, answers), len(self.followers))
            code = SUCCESS
        except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
            output.warn(f"sigroute: warning: a server of the control socket has failed: {error!r}\n")
        finally:
            output.end(code)

    def _heard(self, fd: int) -> Iterable[Event]:
        """Return the next request: one at a time, so that signals come in between."""
        request = self._next(fd)
        if request is None:
            return ()
        self.notices.due.append(fd)
        event = requested(request)
        if not request:  # a server is full
            self.wanted = True
        elif request.endswith(FOLLOWS):
            server, client = map(int, request[: -len(FOLLOWS)].split(b"\t"))
            self.followers[server] = 0
            self.forked()
            self._answer(Reply(number=(server << BITS) + client), "")
        elif event is not None and max(event.children) < len(self.plan.children):
            return self._taken(event)
        return ()

    def _next(self, fd: int) -> bytes | None:
        """Return the next request as it was written; None: there is none that is whole."""
        if b"\0" not in self.read:
            try:
                self.read += posix.read(fd, PIPE_BUF)
            except OSError:
                return None
        request, end, rest = self.read.partition(b"\0")
        if not end:
            return None
        self.read = rest
        return request

    def _taken(self, event: Requested) -> Iterable[Event]:
        """Load what the engine needs for a request, for the first one; return its event."""
        try:
            many.load(many.ASKED)
        except (ImportError, OSError) as error:
            self._answer(Reply(number=event.number, refused=f"cannot load what that needs: {error}"), "")
            return ()
        return (event,)

    def observe(self, _now: int, before: State, event: Event, effects: list[Effect], _after: State) -> None:
        """Answer the requests that are done, with the lines about what was done; tell the followers of all of it."""
        if self.followers:
            told = [narrate.of_effect(self.plan, each) for each in effects]
            self._tell([narrate.of_event(self.plan, before, event), *told])
        lines: list[str] = []
        if isinstance(event, Requested) and event.what in SIGNALLING:
            told = [narrate.of_effect(self.plan, effect) for effect in effects]
            lines = [MESSAGES[each[1]][1].format_map(each[2]) for each in told if each and each[1] != "requested"]
        for effect in effects:
            if isinstance(effect, Reply):
                mine = isinstance(event, Requested) and event.number == effect.number
                self._answer(effect, "\n".join(lines) if mine else "")

    def _answer(self, reply: Reply, did: str) -> None:
        for number, writer in self.servers.values():
            if number == reply.number >> BITS:
                client = reply.number & ((1 << BITS) - 1)
                words = f"{client}\t{reply.refused}\t{did}\0".encode("utf-8", "replace")
                optional(posix.write, writer, words if len(words) <= PIPE_BUF else words[: PIPE_BUF - 1] + b"\0")

    def _tell(self, told: list[Line | None]) -> None:
        """Tell the followers. A pipe that is full takes no line; how many it has missed is told when there is room."""
        log, stamp = Log("json", "debug", opened=NoSink()), clock.stamp().encode()
        lines = [log.form(*line) for line in told if line is not None]
        for number, writer in self.servers.values():
            for line in lines if number in self.followers else ():
                try:
                    if self.followers[number]:
                        posix.write(writer, LOST % self.followers[number])
                        self.followers[number] = 0
                    # In place of its newline it has a 0: a pipe takes the longest line, too, in one piece (PIPE_BUF).
                    posix.write(writer, line[: log.stamp_at] + stamp + line[log.stamp_at : -1] + b"\0")
                except OSError:
                    self.followers[number] += 1

    def ended(self, pid: int) -> bool:
        """Note that a process has ended; tell whether it was a server."""
        self.lost_one = True
        if pid not in self.servers:
            return False
        number, writer = self.servers.pop(pid)
        optional(posix.close, writer)
        if self.followers.pop(number, None) is not None:
            self.forked()
        return True

    def without(self, processes: tuple[Process, ...] | None) -> tuple[Process, ...] | None:
        """Return a list of processes without the servers."""
        if not self.servers or not processes:
            return processes
        return tuple([each for each in processes if each.pid not in self.servers])

    def alone(self, others: Iterable[int] = ()) -> Childless | None:
        """Return Childless if servers are the only child processes, beside these others; None, too, if can't be read.

        As for helpers, it is looked up once after each exit (kernel/helpers.py).
        """
        own = {*self.servers, *others}
        if not self.lost_one or not own:
            return None
        try:
            self.lost_one = {*below.children_by()(posix.getpid())} <= own
        except OSError:
            return None
        return Childless() if self.lost_one else None


def requested(words: bytes) -> Requested | None:
    """Return the event of a request; None: it is none, which no server writes."""
    try:
        server, client, what, *numbers, children = words.decode().split("\t")
        signal, pid, uid = map(int, numbers)
        indices = tuple(map(int, children.split(",")))
        number = (int(server) << BITS) + int(client)
    except ValueError:
        return None
    if what not in REQUESTS or min(indices) < 0:
        return None
    return Requested(number=number, what=what, signal=signal, pid=pid, uid=uid, children=indices)
