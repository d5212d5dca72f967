"""Addresses as rules have them: ``127.0.0.1:80``, ``[::1]:80``, or the path of a socket; and as the kernel has them."""

from __future__ import annotations

#: The largest port, and the most digits that a text has for one.
HIGHEST_PORT, MOST_DIGITS = 65_535, 5

#: The most bytes of a socket's path: ``sun_path`` has 108, the last of which is zero (unix(7)).
LONGEST_PATH = 107

HEX = b"0123456789abcdefABCDEF"

#: The bytes of an IPv4 address.
IPV4 = 4

#: What goes before the bytes of an IPv4 address where a socket of IPv6 has it (ipv6(7), mapped).
MAPPED = b"\0" * 10 + b"\xff" * 2


def packed(host: bytes) -> bytes:
    """Return the 4 or 16 bytes of an address."""
    if not host.startswith(b"["):
        return bytes([int(each) for each in host.split(b".")])
    head, gap, tail = host[1:-1].partition(b"::")
    before, after = groups(head), groups(tail)
    numbers = before + [0] * (8 - len(before) - len(after) if gap else 0) + after
    return b"".join([each.to_bytes(2, "big") for each in numbers])


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
