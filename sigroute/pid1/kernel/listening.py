"""Whether something listens at an address, as the kernel's tables tell: nobody connects, and no process is looked at.

/proc/net/tcp and tcp6 have a line for each socket (proc_net_tcp(5)): its local address as the kernel prints the words
of it, its state, and more. A socket that listens has the state 0A (TCP_LISTEN). /proc/net/unix has the flag
__SO_ACCEPTCON for one (proc_net_unix(5)). The tables are those of sigroute's own network namespace.
"""

from __future__ import annotations

from sigroute.pid1.kernel import proc

TCP_LISTEN = b"0A"

#: The flag of a unix socket that listens (linux/net.h, __SO_ACCEPTCON).
ACCEPTS = 0x10000

#: The largest port, and the most digits that a text has for one.
HIGHEST_PORT, MOST_DIGITS = 65_535, 5

HEX = b"0123456789abcdefABCDEF"

#: The addresses that stand for all others (ip(7), ipv6(7)).
WILDCARDS = (b"0" * 8, b"0" * 32)


def is_there(address: bytes) -> bool:
    """Tell whether something listens at an address: ``127.0.0.1:80``, ``[::1]:80``, or the path of a socket.

    A listener at a wildcard address listens at every address of its port.
    """
    if address.startswith(b"/"):
        return any(is_listener(line, address) for line in lines("/proc/net/unix"))
    host, _, port = address.rpartition(b":")
    wanted = {b"%s:%04X" % (each, int(port)) for each in (*WILDCARDS, *forms(host))}
    return any(
        part[1] in wanted and part[3] == TCP_LISTEN
        for name in ("/proc/net/tcp", "/proc/net/tcp6")
        for part in map(bytes.split, lines(name))
        if len(part) > 3  # noqa: PLR2004 - number, local and remote address, state
    )


def is_listener(line: bytes, path: bytes) -> bool:
    """Tell whether a line of /proc/net/unix is of a socket that listens at this path."""
    part = line.split(None, 7)  # Num, RefCount, Protocol, Flags, Type, St, Inode, Path
    return part[7:] == [path] and bool(int(part[3], 16) & ACCEPTS)


def lines(name: str) -> list[bytes]:
    """Return the lines of a table, without its head; none if it can't be read."""
    data = proc.read_all(name)
    return data.splitlines()[1:] if data else []


def forms(host: bytes) -> list[bytes]:
    """Return an address as the tables have it; one of IPv4 also as a socket of IPv6 has it (ipv6(7), mapped)."""
    if not host.startswith(b"["):
        word = b"%02X%02X%02X%02X" % tuple([int(each) for each in reversed(host.split(b"."))])
        return [word, b"0" * 16 + b"FFFF0000" + word]
    head, gap, tail = host[1:-1].partition(b"::")
    before, after = groups(head), groups(tail)
    numbers = before + [0] * (8 - len(before) - len(after) if gap else 0) + after
    data = b"".join([b"%04X" % each for each in numbers])
    words = [data[at : at + 8] for at in range(0, 32, 8)]
    # Each word of four bytes is printed as a number, and its bytes are in the other order: both machines are
    # little-endian.
    return [b"".join([each[6:8] + each[4:6] + each[2:4] + each[:2] for each in words])]


def is_address(text: bytes) -> bool:
    """Tell whether a text is an address: with a number as its port, and without names, or the path of a socket."""
    if text.startswith(b"/"):
        return True
    host, _, port = text.rpartition(b":")
    if not (port.isdigit() and len(port) <= MOST_DIGITS and 0 < int(port) <= HIGHEST_PORT):
        return False
    if not (host.startswith(b"[") and host.endswith(b"]")):
        return is_ipv4(host)
    head, gap, tail = host[1:-1].partition(b"::")
    parts = [part for side in (head, tail) if side for part in side.split(b":")]
    embedded = is_ipv4(parts[-1]) if parts else False  # the last may be written as one of IPv4 (RFC 4291, 2.2)
    if embedded and not (tail if gap else head).endswith(parts[-1]):
        return False
    count = len(parts) + embedded
    right = all(0 < len(part) <= 4 and not part.strip(HEX) for part in (parts[:-1] if embedded else parts))  # noqa: PLR2004
    return right and (count < 8 if gap else count == 8)  # noqa: PLR2004 - groups of an address


def is_ipv4(host: bytes) -> bool:
    """Tell whether a text is four numbers up to 255, without leading zeros."""
    parts = host.split(b".")
    return len(parts) == 4 and all(  # noqa: PLR2004 - the bytes of an address
        part.isdigit() and len(part) <= 3 and int(part) <= 255 and part == b"%d" % int(part)  # noqa: PLR2004
        for part in parts
    )


def groups(text: bytes) -> list[int]:
    """Return the numbers of a part of an IPv6 address; the last may be written as one of IPv4 (RFC 4291, 2.2)."""
    found: list[int] = []
    for each in text.split(b":") if text else ():
        if b"." in each:
            one, two, three, four = [int(number) for number in each.split(b".")]
            found += [one << 8 | two, three << 8 | four]
        else:
            found.append(int(each, 16))
    return found
