"""Sockets that any process can send a message to, and who has sent it (unix(7)): no bare Python has the module.

The static executable has another form of this file (watch/datagrams.py).
"""

from __future__ import annotations

#: Bytes of a ``struct ucred``: pid, uid, gid. More does not fit into what recvmsg(2) is given beside the message, so
#: the kernel itself closes descriptors that come with it (unix(7), "SCM_RIGHTS").
CREDENTIALS = 12


def load() -> None:
    """Load that module while files can still be read.

    :raises ImportError: this Python has none.
    """
    import _socket  # noqa: F401, PLC0415 - where a child says itself that it is ready


def opened() -> tuple[int, bytes]:
    """Open a socket; return its descriptor and its address, which the kernel chooses (unix(7), "Autobind feature").

    :raises OSError: the kernel refuses that.
    """
    import _socket as sockets  # noqa: PLC0415 - as above

    kind = sockets.SOCK_DGRAM | sockets.SOCK_CLOEXEC | sockets.SOCK_NONBLOCK
    made = sockets.socket(sockets.AF_UNIX, kind)
    made.setsockopt(sockets.SOL_SOCKET, sockets.SO_PASSCRED, 1)
    made.bind("")
    address: bytes = made.getsockname()
    return made.detach(), address


def taken(fd: int, most: int) -> tuple[bytes, int, int]:
    """Take a message, cut to so many bytes; return it with pid and uid of its sender, as the kernel vouches for them.

    :raises OSError: there is none.
    """
    import _socket as sockets  # noqa: PLC0415 - as above

    kind = sockets.SOCK_DGRAM
    borrowed = sockets.socket(sockets.AF_UNIX, kind, 0, fd)
    try:
        message, beside, _, _ = borrowed.recvmsg(most, sockets.CMSG_SPACE(CREDENTIALS), sockets.MSG_DONTWAIT)
    finally:
        borrowed.detach()
    for level, what, data in beside:
        if (level, what) == (sockets.SOL_SOCKET, sockets.SCM_CREDENTIALS) and len(data) >= CREDENTIALS:
            return message, int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
    return message, 0, 0
