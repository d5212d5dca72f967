"""Whether a connection to an address is busy, as the kernel tells: nobody connects, and no process is looked at.

sock_diag(7) has the struct tcp_info (linux/tcp.h) of each connection. Busy is one

* with data that its client has not taken: it is sent and not acknowledged, or waits to be sent. A slow download is one,
  also when the program has closed it: then the kernel sends the rest;
* on which data moved in the last second, either way; for that long a new one counts, too;
* whose last data came in, and nothing was sent since: a slow request, or a slow upload.

So the idle connections that a load balancer keeps open are not busy. The kernel's clock has ticks of 1 to 10 ms. If
data came in and was sent in one tick, that was a request and its answer, unless nothing was ever sent. Nothing in the
struct tells it from an answer and the next request; to count both as busy would count the idle connections of every
quick server.

Of an address with a listener of its own, its connections count. Else those to every address of its port do: the
listener is at a wildcard address, or closed by now. A connection to a unix socket is busy as long as it is there.

The request goes to the kernel, which makes the answer while it is read: nothing is waited for. It has only the sockets
of one port. If sock_diag(7) is refused, the tables in /proc tell what is established, and all of that is busy.
"""

from __future__ import annotations

import posix
import time

from sigroute.pid1.engine.events import Probed
from sigroute.pid1.kernel import addresses, listening, netlink
from sigroute.pid1.kernel.refusals import PASSING, words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Probe

#: Milliseconds.
RECENT = 1_000

#: The protocol of netlink(7), and messages of it (linux/netlink.h, linux/sock_diag.h).
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY, NLMSG_ERROR, NLMSG_DONE = 20, 2, 3
NLM_F_REQUEST, NLM_F_DUMP = 0x1, 0x300

AF_INET, AF_INET6, IPPROTO_TCP = 2, 10, 6

#: The attribute with the struct tcp_info (linux/inet_diag.h).
INET_DIAG_INFO = 2

#: States of a socket (net/tcp_states.h).
ESTABLISHED, FIN_WAIT1, CLOSE_WAIT, LAST_ACK, LISTEN, CLOSING = 1, 4, 8, 9, 10, 11

#: Those of its program's open connections, and of those that it has closed: there the end itself is queued as a byte.
OPEN, CLOSED = (ESTABLISHED, CLOSE_WAIT), (FIN_WAIT1, LAST_ACK, CLOSING)

#: Where an attribute with struct tcp_info has them (linux/tcp.h): the milliseconds since data was sent and came in, and
#: how many segments with data came in and were sent. An older Linux than 4.6 lacks these: there all counts as busy.
LAST_DATA_SENT, LAST_DATA_RECV, DATA_SEGS_IN, DATA_SEGS_OUT = 12, 14, 39, 40

#: The most bytes of a part of the answer; the kernel makes them half as long.
PART = 65_536

#: States in the tables, as they are printed: of TCP, and of unix sockets, accepted and before that.
TCP_ESTABLISHED, CONNECTED = b"01", (b"03", b"02")


def probed(effect: Probe) -> Probed:
    """Look whether connections to an address are busy.

    :raises OSError: this time it can't be found out.
    """
    began, refused = time.monotonic_ns(), ""
    if effect.listen.startswith(b"/"):
        busy = is_connected(effect.listen)
    else:
        host, _, port = effect.listen.rpartition(b":")
        busy, refused = is_busy(addresses.packed(host), int(port), no_diag=effect.no_diag)
    took = 1 + (time.monotonic_ns() - began) // 1_000_000
    return Probed(child=effect.child, well=not busy, progress=effect.progress, took=took, refused=refused)


def is_busy(host: bytes, port: int, *, no_diag: bool = False) -> tuple[bool, str]:
    """Tell whether a connection to an address is busy, and why sock_diag(7) is refused, if it is.

    :raises OSError: this time it can't be found out.
    """
    if no_diag:
        return is_established(port), ""
    try:
        return is_busy_by_diag(host, port), ""
    except ImportError:
        return is_established(port), "this Python has no sockets"
    except OSError as error:
        if error.errno in PASSING:
            raise
        return is_established(port), words(error)


def is_connected(path: bytes) -> bool:
    """Tell whether a unix socket has connections, or that can't be read."""
    table = listening.lines("/proc/net/unix")
    if table is None:
        return True
    parts = [line.split(None, 7) for line in table]  # Num, RefCount, Protocol, Flags, Type, St, Inode, Path
    return any(part[7:] == [path] and part[5] in CONNECTED and not listening.accepts(part) for part in parts)


def is_established(port: int) -> bool:
    """Tell whether there is a connection to a port, or that can't be read."""
    tables = [listening.lines("/proc/net/tcp"), listening.lines("/proc/net/tcp6")]
    parts = [line.split(None, 4) for table in tables for line in table or ()]  # number, local, remote address, state
    end = b":%04X" % port
    there = any(part[3:4] == [TCP_ESTABLISHED] and part[1].endswith(end) for part in parts)
    return there or tables == [None, None]


def is_busy_by_diag(host: bytes, port: int) -> bool:
    """Tell whether a connection is busy.

    :raises OSError: the kernel does not tell.
    """
    fd = netlink.opened(NETLINK_SOCK_DIAG)
    try:
        for family, own in families(host):
            posix.write(fd, request(family, port))
            busy, has_own = answer(fd, memoryview(own).cast("I"))
            if busy or has_own:
                return busy
    finally:
        posix.close(fd)
    return False


def families(host: bytes) -> tuple[tuple[int, bytes], ...]:
    """Return the families whose sockets may have connections to an address, and the address as each has it.

    Empty: that family has no such address, or it is a wildcard.
    """
    if not any(host):
        return (AF_INET, b""), (AF_INET6, b"")
    if len(host) == addresses.IPV4:
        return (AF_INET, host + bytes(12)), (AF_INET6, addresses.MAPPED + host)
    return (AF_INET6, host), (AF_INET, b"")


def request(family: int, port: int) -> bytes:
    """Return the request for all sockets of a family with this port (struct nlmsghdr, struct inet_diag_req_v2)."""
    states = sum([1 << each for each in (LISTEN, *OPEN, *CLOSED)])
    body = bytes((family, IPPROTO_TCP, 1 << INET_DIAG_INFO - 1, 0)) + states.to_bytes(4, "little")
    body += port.to_bytes(2, "big") + bytes(46)  # the rest of struct inet_diag_sockid
    kind = SOCK_DIAG_BY_FAMILY | (NLM_F_REQUEST | NLM_F_DUMP) << 16
    return (16 + len(body)).to_bytes(4, "little") + kind.to_bytes(4, "little") + bytes(8) + body


def answer(fd: int, own: memoryview) -> tuple[bool, bool]:
    """Read the answer to a request; tell whether a connection is busy, and whether the address has its own listener.

    The kernel tells of listeners first. What is in the answer is counted in words of four bytes. Slices would take as
    long as all the rest, and there may be thousands of connections.

    :param own: the address.
    :raises OSError: the kernel does not tell.
    """
    has_own = False
    while True:
        part = memoryview(posix.read(fd, PART)).cast("I")
        at = 0
        while at < len(part):  # struct nlmsghdr, then struct inet_diag_msg
            end = at + (part[at] + 3) // 4
            if part[at + 1] & 0xFFFF in (NLMSG_DONE, NLMSG_ERROR):
                if end > at + 4 and part[at + 4]:
                    number = (1 << 32) - part[at + 4]
                    raise OSError(number, posix.strerror(number))
                return False, has_own
            state = part[at + 4] >> 8 & 0xFF
            if state == LISTEN:
                has_own = has_own or part[at + 6 : at + 10] == own
            elif (not has_own or part[at + 6 : at + 10] == own) and is_one_busy(part, at + 4, end):
                return True, has_own
            at = end


def is_one_busy(part: memoryview, at: int, end: int) -> bool:
    """Tell whether a connection is busy.

    :param at: where its struct inet_diag_msg begins; attributes follow (struct rtattr, rtnetlink(3)).
    :param end: where these end.
    """
    queued = part[at + 15]
    if part[at] >> 8 & 0xFF in CLOSED:
        return bool(queued > 1)
    at += 18
    while at < end and part[at] >> 16 != INET_DIAG_INFO:
        at += max((part[at] & 0xFFFF) + 3 >> 2, 1)
    if queued or at + DATA_SEGS_OUT >= end:
        return True
    since_sent, since_received = part[at + LAST_DATA_SENT], part[at + LAST_DATA_RECV]
    if since_sent < RECENT or since_received < RECENT or since_received < since_sent:
        return True
    in_one_tick = since_received == since_sent
    return bool(in_one_tick and part[at + DATA_SEGS_IN] and not part[at + DATA_SEGS_OUT])
