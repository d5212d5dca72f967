"""A socket of netlink(7): the module for sockets is no part of a bare Python.

The static executable has another form of this file (watch/netlink.py).
"""

from __future__ import annotations


def load() -> None:
    """Load that module while files can still be read, if this Python has it."""
    try:
        import _socket  # noqa: F401, PLC0415 - where an action has an idle wait only
    except ImportError:
        return


def opened(protocol: int) -> int:
    """Return a descriptor of a socket that never blocks; what is written to it goes to the kernel.

    :raises OSError: the kernel refuses it.
    :raises ImportError: this Python has no sockets.
    """
    from _socket import AF_NETLINK, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, socket  # noqa: PLC0415 - as above

    return socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol).detach()
