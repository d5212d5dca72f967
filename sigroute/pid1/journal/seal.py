"""The seal of a journal's line: a number that is another one if a byte of the line, or of a line before it, changes.

It is the line as one large number, after the seal before it, modulo a prime. A changed byte changes that number by a
small factor (below 256) times a power of 256, and no large prime divides such a product. Powers of 256 repeat modulo
this prime only after 4e18 bytes, so swapped bytes are found, too. It finds damage, and keeps no forger away.
"""

from __future__ import annotations

PRIME = (1 << 64) - 59

#: The bytes of a seal, and the one before the first line.
SIZE, NONE = 8, 0


def seal_of(data: bytes, last: int) -> int:
    """Return the seal of a line, given the one of the line before it."""
    return int.from_bytes(last.to_bytes(SIZE, "big") + data, "big") % PRIME


def sealed(data: bytes, seal: int) -> bytes:
    """Return a line, as an object without its closing brace, with its seal and the end of the line."""
    return b'%s, "seal": "%016x"}\n' % (data, seal)
