"""Stream sockets with a path (unix(7)): no bare Python has the module.

The static executable has another form of this file (watch/sockets.py).
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import ETIMEDOUT, S_IFMT, S_IFSOCK
from sigroute.pid1.kernel.refusals import optional

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812 - it is a class
    from collections.abc import Callable

#: Who may connect: the socket's owner, and root (unix(7), "Pathname socket ownership and permissions").
MODE = 0o600

#: The connections that wait until they are accepted. A further one waits in connect(2) itself.
BACKLOG = 64

#: Bytes of a ``struct ucred``: pid, uid, gid (unix(7), SO_PEERCRED).
CREDENTIALS = 12

#: Seconds that a connect(2) may wait for its turn.
PATIENCE = 5


def load() -> None:
    """Load that module while files can still be read.

    :raises ImportError: this Python has none.
    """
    import _socket  # noqa: F401, PLC0415 - where there is a control socket only


def listening(path: bytes, prepare: Callable[[int], object] = bool) -> int:
    """Listen at a path; return the descriptor, which never blocks. What an ended process has left there is replaced.

    :param prepare: is called with the descriptor before anybody can connect.
    :raises OSError: the kernel refuses that, or something else is there: EADDRINUSE.
    """
    import _socket as sockets  # noqa: PLC0415 - as above

    kind = sockets.SOCK_STREAM | sockets.SOCK_CLOEXEC | sockets.SOCK_NONBLOCK
    made = sockets.socket(sockets.AF_UNIX, kind)
    try:
        # The file's mode is that of the socket at its bind(2), so nobody else can connect in between.
        posix.fchmod(made.fileno(), MODE)
        bind(made, path)
        prepare(made.fileno())
        made.listen(BACKLOG)
        return made.detach()
    finally:
        made.close()


def bind(made: Socket, path: bytes) -> None:
    """Give a socket its path.

    :raises OSError: the kernel refuses that, or something else is there: EADDRINUSE.
    """
    try:
        made.bind(path)
    except OSError:
        if not is_left_over(path):
            raise
        optional(posix.unlink, path)
        made.bind(path)


def is_left_over(path: bytes) -> bool:
    """Tell whether a socket is there at which nobody listens any more (connect(2), ECONNREFUSED)."""
    try:
        posix.close(connected(path, 0))
    except ConnectionRefusedError:
        return posix.lstat(path).st_mode & S_IFMT == S_IFSOCK  # and no link to one
    except OSError:
        return False
    return False


def connected(path: bytes, patience: int = PATIENCE) -> int:
    """Connect to a path; return the descriptor.

    :param patience: seconds to wait for its turn.
    :raises OSError: nobody listens there, or that is forbidden; TimeoutError: too many others wait.
    """
    import _socket as sockets  # noqa: PLC0415 - as above

    made = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM | sockets.SOCK_CLOEXEC)
    try:
        made.setblocking(patience > 0)
        # No settimeout(): it waits for what is under way, and nothing is while the queue is full (connect(2), EAGAIN).
        made.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDTIMEO, timeval(patience))
        made.connect(path)
        made.setblocking(True)  # noqa: FBT003 - _socket's own signature
        made.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDTIMEO, timeval(0))
        return made.detach()
    except BlockingIOError:
        raise TimeoutError(ETIMEDOUT, posix.strerror(ETIMEDOUT)) from None
    finally:
        made.close()


def timeval(seconds: int) -> bytes:
    """Return a ``struct timeval``, whatever the size of its two numbers is (socket(7), SO_SNDTIMEO)."""
    return seconds.to_bytes(16, "little")


def accepted(fd: int) -> tuple[int, int, int]:
    """Accept a connection; return its descriptor, and pid and uid of the process that has made it (SO_PEERCRED).

    :raises OSError: there is none.
    """
    import _socket as sockets  # noqa: PLC0415 - as above

    borrowed = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM, 0, fd)
    try:
        taken, _ = borrowed._accept()  # type: ignore[attr-defined]  # noqa: SLF001 - its own name; socket.socket wraps it
    finally:
        borrowed.detach()
    made = sockets.socket(sockets.AF_UNIX, sockets.SOCK_STREAM, 0, taken)
    made.setblocking(False)  # noqa: FBT003 - as above
    data = made.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, CREDENTIALS)
    return made.detach(), int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")
