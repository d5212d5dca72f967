"""What a message of sd_notify(3) says: lines ``NAME=VALUE``, of which three matter here; all others mean nothing."""

from __future__ import annotations

#: The most bytes of a message: systemd drops longer ones, too.
MOST = 4096

#: The most milliseconds that a message can ask for: a day. Whoever needs longer asks again.
LONGEST = 86_400_000

#: The digits of 2**64, the most that the protocol has in a number.
DIGITS = 20


def parse(message: bytes) -> tuple[bool, bool, int]:
    """Return whether the sender is ready, whether it is stopping, and for how many milliseconds from now it asks.

    A message with a null byte says nothing, nor does one that is too long: systemd drops them.
    """
    if len(message) > MOST or b"\0" in message:
        return False, False, 0
    lines = message.split(b"\n")
    extend = 0
    for line in lines:
        name, _, value = line.partition(b"=")
        if name == b"EXTEND_TIMEOUT_USEC" and value.isdigit() and len(value) <= DIGITS:
            extend = min(-(-int(value) // 1000), LONGEST)
    return b"READY=1" in lines, b"STOPPING=1" in lines, extend
