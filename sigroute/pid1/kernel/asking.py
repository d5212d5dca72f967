"""The client of the control socket: it asks one thing, writes the answer as it comes, and ends with its code."""

from __future__ import annotations

import posix

from sigroute.pid1.control import protocol
from sigroute.pid1.exit_codes import CANNOT_WRITE, UNAVAILABLE, USAGE
from sigroute.pid1.kernel import polling, sockets
from sigroute.pid1.kernel.abi import EACCES, ECONNREFUSED, ENOENT
from sigroute.pid1.kernel.addresses import LONGEST_PATH
from sigroute.pid1.kernel.output import STDERR, STDOUT
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.refusals import words as of_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Iterator
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Where sigroute listens, if nothing else is said.
DEFAULT = b"/run/sigroute.sock"

#: Milliseconds to wait for the first byte of an answer, and bytes to read at once.
PATIENCE, PIECE = 10_000, 65536


class NoAnswerError(Exception):
    """There is no answer; the message says why, and ``code`` is the exit code."""

    def __init__(self, message: str, code: int = UNAVAILABLE) -> None:
        super().__init__(message)
        self.code = code


def answer(path: bytes, words: list[bytes]) -> tuple[int, Iterator[bytes]]:
    """Ask; return the code of the answer, and its bytes as they come. Some answers take as long as a child takes.

    :raises NoAnswerError: there is none, or, later, the rest of it does not come.
    """
    if not 0 < len(path) <= LONGEST_PATH:
        message = f"the path of a control socket has 1 to {LONGEST_PATH} bytes (unix(7))"
        raise NoAnswerError(message, USAGE)
    try:
        request = protocol.request(words)
        fd = sockets.connected(path)
    except ValueError as error:
        message = f"cannot ask for that: {error}"
        raise NoAnswerError(message, USAGE) from None
    except OSError as error:
        raise NoAnswerError(why(path, error)) from None
    optional(send, fd, request)  # it may have answered even so, and closed its end
    try:
        data = b""
        while (head := parsed(path, data)) is None:
            data += more(path, fd, -1 if data.startswith(protocol.WAIT) else PATIENCE)
    except NoAnswerError:
        posix.close(fd)
        raise
    code, size, data = head
    return code, rest(path, fd, data, size)


def send(fd: int, data: bytes) -> None:
    """Write a request. If the other end is closed, the answer may be there: that ends nobody by PIPE (pipe(7)).

    :raises OSError: it is closed.
    """
    if _signal.getsignal(_signal.SIGPIPE) == _signal.SIG_IGN:  # as in a thread, which can't change that
        posix.write(fd, data)
        return
    before = _signal.signal(_signal.SIGPIPE, _signal.SIG_IGN)
    try:
        posix.write(fd, data)
    finally:
        _signal.signal(_signal.SIGPIPE, _signal.SIG_DFL if before is None else before)


def parsed(path: bytes, data: bytes) -> tuple[int, int | None, bytes] | None:
    """Return what the head of an answer says; None: it is not whole.

    :raises NoAnswerError: it is none.
    """
    try:
        return protocol.parsed(data)
    except ValueError:
        message = f"what listens at {shown(path)} is no sigroute, or of another version"
        raise NoAnswerError(message) from None


def rest(path: bytes, fd: int, data: bytes, size: int | None) -> Iterator[bytes]:
    """Yield the bytes of an answer.

    :raises NoAnswerError: it is cut off.
    """
    got = len(data)
    try:
        yield data
        while size is None or got < size:
            data = more(path, fd, PATIENCE if size is not None else -1, ends=size is None)
            if not data:
                return
            got += len(data)
            yield data
    finally:
        posix.close(fd)


def more(path: bytes, fd: int, wait: int, *, ends: bool = False) -> bytes:
    """Return the next bytes; none at the end, where the answer may end.

    :raises NoAnswerError: none come.
    """
    try:
        data = posix.read(fd, PIECE) if polling.readable([fd], wait) else None
    except OSError:
        data = b""
    if data is None:
        message = f"sigroute does not answer at {shown(path)}"
        raise NoAnswerError(message)
    if not data and not ends:
        message = f"sigroute has closed the connection to {shown(path)} without an answer: it may have no process left"
        raise NoAnswerError(message)
    return data


def why(path: bytes, error: OSError) -> str:
    """Return why nobody can be asked, and a way out."""
    if error.errno in (ENOENT, ECONNREFUSED):
        hint = "no sigroute has its control socket there ([control] path, --control)"
        return f"cannot ask at {shown(path)}: {hint}"
    if error.errno == EACCES:
        return f"cannot ask at {shown(path)}: only root and the user that sigroute runs as may do that"
    return f"cannot ask at {shown(path)}: {of_error(error)}"


def shown(path: bytes) -> str:
    """Return a path for people."""
    return path.decode("utf-8", "replace")


def run(name: str, path: bytes, words: list[bytes]) -> int:
    """Ask, and write the answer: what was asked for to standard output, why not to standard error.

    :param name: our own, for messages.
    :returns: the exit code.
    """
    try:
        code, pieces = answer(path, words)
        for each in pieces:
            put(STDERR if code else STDOUT, each)
    except NoAnswerError as error:
        put(STDERR, f"{name}: {error}\n".encode("utf-8", "replace"))
        return error.code
    except OSError as error:
        put(STDERR, f"{name}: cannot write the answer: {of_error(error)}\n".encode("utf-8", "replace"))
        return CANNOT_WRITE
    return code


def put(fd: int, data: bytes) -> None:
    """Write all of it.

    :raises OSError: that is not possible, and it is no error message.
    """
    try:
        while data:
            data = data[posix.write(fd, data) :]
    except OSError:
        if fd != STDERR:
            raise
