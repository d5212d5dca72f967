"""What a client and the server of the control socket write to each other.

    request   one line: a command and its arguments, with tabs between them
    answer    ``sigroute 1 CODE SIZE`` and a newline, then SIZE bytes; with ``-`` as SIZE, all until the end
              before it, ``sigroute 1 wait`` and a newline, if it may take long

CODE is an exit code (exit_codes.py). With 0 the bytes are what was asked for, else they say why it is not done.
"""

from __future__ import annotations

#: What an answer begins with, and the version of this format.
NAME, VERSION = b"sigroute", b"1"

#: What comes before an answer that may take long: the request was taken.
WAIT = b"%s %s wait\n" % (NAME, VERSION)

#: What a server asks of PID 1 to be told of all that happens.
FOLLOW = b"follow"

#: The most bytes of a request, and of the head of an answer.
MOST, HEAD = 4096, 64


def request(words: list[bytes]) -> bytes:
    """Return a request.

    :raises ValueError: a word has a tab or a newline, or all of them are too long.
    """
    line = b"\t".join(words) + b"\n"
    if line.count(b"\n") > 1 or line.count(b"\t") >= len(words) or len(line) > MOST:
        message = f"words with a tab or a newline, or more than {MOST} bytes"
        raise ValueError(message)
    return line


def head(code: int, size: int | None) -> bytes:
    """Return the head of an answer; without a size it lasts until the end."""
    return b"%s %s %d %s\n" % (NAME, VERSION, code, b"-" if size is None else b"%d" % size)


def parsed(data: bytes) -> tuple[int, int | None, bytes] | None:
    """Return code, size and beginning of an answer; None: its head is not whole.

    :raises ValueError: it is no answer, or of another version.
    """
    line, end, rest = data.removeprefix(WAIT).partition(b"\n")
    if not end and len(data) < HEAD and (NAME + b" ").startswith(line[: len(NAME) + 1]):
        return None
    name, version, code, size = line.split(b" ")
    if (name, version) != (NAME, VERSION):
        raise ValueError(line)
    return int(code), None if size == b"-" else int(size), rest
