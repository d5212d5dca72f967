"""Whether something listens at an address, as the kernel's tables tell: nobody connects, and no process is looked at.

/proc/net/tcp and tcp6 have a line for each socket (proc_net_tcp(5)): its local address as the kernel prints the words
of it, its state, and more. A socket that listens has the state 0A (TCP_LISTEN). /proc/net/unix has the flag
__SO_ACCEPTCON for one (proc_net_unix(5)). The tables are those of sigroute's own network namespace.
"""

from __future__ import annotations

from sigroute.pid1.engine.events import Probed
from sigroute.pid1.kernel import addresses, proc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.effects import Probe

    Tables = dict[Callable[[], frozenset[bytes]], frozenset[bytes]]
    """By the function that has read it."""

TCP_LISTEN = b"0A"

#: The flag of a unix socket that listens (linux/net.h, __SO_ACCEPTCON).
ACCEPTS = 0x10000

#: The addresses that stand for all others (ip(7), ipv6(7)).
WILDCARDS = (b"0" * 8, b"0" * 32)


def probed(effect: Probe, tables: Tables) -> Probed:
    """Look whether something listens at an address.

    :param tables: what was read of the tables for other children in this turn of the loop: one look serves them all.
    """
    return Probed(child=effect.child, well=is_there(effect.listen, tables))


def is_there(address: bytes, tables: Tables) -> bool:
    """Tell whether something listens at an address: ``127.0.0.1:80``, ``[::1]:80``, or the path of a socket.

    A listener at a wildcard address listens at every address of its port.
    """
    read = at_paths if address.startswith(b"/") else at_ports
    if read not in tables:
        tables[read] = read()
    if read is at_paths:
        return address in tables[read]
    host, _, port = address.rpartition(b":")
    return not tables[read].isdisjoint([b"%s:%04X" % (each, int(port)) for each in (*WILDCARDS, *forms(host))])


def at_ports() -> frozenset[bytes]:
    """Return the addresses at which something listens by TCP, as the tables have them."""
    parts = [line.split(None, 4) for name in ("/proc/net/tcp", "/proc/net/tcp6") for line in lines(name) or ()]
    return frozenset([part[1] for part in parts if part[3:4] == [TCP_LISTEN]])  # number, local, remote address, state


def at_paths() -> frozenset[bytes]:
    """Return the paths of the sockets that listen."""
    parts = [line.split(None, 7) for line in lines("/proc/net/unix") or ()]
    # Num, RefCount, Protocol, Flags, Type, St, Inode, Path
    return frozenset([part[7] for part in parts if part[7:] and accepts(part)])


def accepts(part: list[bytes]) -> bool:
    """Tell whether a line of /proc/net/unix is of a socket that listens."""
    return bool(int(part[3], 16) & ACCEPTS)


def lines(name: str) -> list[bytes] | None:
    """Return the lines of a table, without its head; None if it can't be read."""
    data = proc.read_all(name)
    return data.splitlines()[1:] if data else None


def forms(host: bytes) -> list[bytes]:
    """Return an address as the tables have it; one of IPv4 also as a socket of IPv6 has it."""
    data = addresses.packed(host)
    return [table_form(each) for each in ((data, addresses.MAPPED + data) if len(data) == addresses.IPV4 else (data,))]


def table_form(data: bytes) -> bytes:
    """Return the bytes of an address as the tables have them.

    Each word of four bytes is printed as a number, and its bytes are in the other order: both machines are
    little-endian.
    """
    words = [data[at : at + 4] for at in range(0, len(data), 4)]
    return b"".join([each[::-1].hex().upper().encode() for each in words])
