"""Running a program in place of this one, as execvp(3) does, with a reason where that fails."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.abi import EACCES, EAGAIN, EMFILE, ENFILE, ENOENT, ENOEXEC, ENOMEM, ENOTDIR, S_IFDIR, S_IFMT
from sigroute.pid1.kernel.refusals import words
from sigroute.pid1.kernel.start import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: The default for PATH: what container runtimes set. execvp(3) itself searches fewer directories.
DEFAULT_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: Memory, descriptors or processes have run out: another program of this name would fail, too.
FOR_NOW = (EAGAIN, ENOMEM, ENFILE, EMFILE)


def execute(argv: tuple[bytes, ...], environ: dict[bytes, bytes] | None = None) -> NoReturn:
    """Become the first program of this name in PATH.

    As execvp(3): a name with a slash is a path; a file that may not be executed is skipped; /bin/sh reads a script
    without ``#!``.

    :param environ: its environment, and the one whose PATH counts; None: as it is, to the byte.
    :raises CannotRunError: there is none that can be run.
    """
    name = argv[0]
    shown = name.decode("utf-8", "replace")
    if not name:
        raise CannotRunError(ENOENT, "the command is an empty word")
    worst = 0
    for path in (
        [name]
        if b"/" in name
        else search(name, (posix.environ if environ is None else environ).get(b"PATH", DEFAULT_PATH))
    ):
        try:
            run(path, argv, environ)
        except OSError as error:
            number = error.errno or 0
        if number in FOR_NOW:
            raise CannotRunError(number, posix.strerror(number))
        if number == ENOEXEC:
            try:
                run(b"/bin/sh", (b"/bin/sh", path, *argv[1:]), environ)
            except OSError:
                reason = f"{shown!r} is no program and has no #! line, and there is no /bin/sh to read it"
                raise CannotRunError(ENOEXEC, reason) from None
        if number not in (ENOENT, ENOTDIR) or b"/" in name:
            worst = worst or number
        if number not in (ENOENT, ENOTDIR, EACCES):
            break
    raise CannotRunError(*explain(name, shown, worst))


def run(path: bytes, argv: tuple[bytes, ...], environ: dict[bytes, bytes] | None) -> NoReturn:
    """Become the program at this path.

    :raises OSError: it can't be run.
    """
    if environ is None:
        posix.execv(path, argv)
    posix.execve(path, argv, environ)


def search(name: bytes, path: bytes) -> list[bytes]:
    """Return the paths to try for a name. An empty part of PATH means the current directory."""
    return [(part or b".") + b"/" + name for part in path.split(b":")]


def explain(name: bytes, shown: str, number: int) -> tuple[int, str]:
    """Return the errno to report, and the reason in words."""
    if not number:
        return ENOENT, f"{shown!r} was not found in PATH"
    if b"/" not in name:
        return number, f"{shown!r} is in PATH, but: {posix.strerror(number)}"
    try:
        mode = posix.stat(name).st_mode
    except OSError as error:
        return number, f"{shown!r}: {words(error)}"
    if mode & S_IFMT == S_IFDIR:
        return EACCES, f"{shown!r} is a directory"
    if number == ENOENT:
        return ENOENT, f"{shown!r} is there, but the interpreter it names is not"
    closed = number == EACCES and not mode & 0o111
    return number, f"{shown!r} is not executable (chmod +x?)" if closed else f"{shown!r}: {posix.strerror(number)}"
