"""Starting programs: a clean process, found as execvp(3) finds it, failing with a reason."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.mask import unblock_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

ENOENT, ENOEXEC, EAGAIN, ENOMEM, EACCES, ENOTDIR = 2, 8, 11, 12, 13, 20

#: Where execvp(3) looks without PATH.
DEFAULT_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

NOT_FOUND, NOT_RUN = 127, 126

#: The kind of a file (inode(7)).
S_IFMT, S_IFDIR = 0o170000, 0o040000


class CannotRunError(Exception):
    """A program can't be run; ``number`` is the errno, or 0 when fork itself failed for now."""

    def __init__(self, number: int, reason: str, *, again: bool = False) -> None:
        super().__init__(reason)
        self.status = 0 if again else NOT_FOUND if number == ENOENT else NOT_RUN


def attempt(argv: tuple[bytes, ...], environ: dict[bytes, bytes], *, quiet: bool) -> int | CannotRunError:
    """Start a program; return its pid, or why it can't be run."""
    try:
        return start(argv, environ, quiet=quiet)
    except CannotRunError as error:
        return error.with_traceback(None)  # which would keep the environment alive


def start(argv: tuple[bytes, ...], environ: dict[bytes, bytes], *, quiet: bool) -> int:
    """Fork and run; return the pid once the program runs.

    :raises CannotRunError: it does not; no process is left of the attempt.
    """
    # The pipe closes itself when exec succeeds (O_CLOEXEC, open(2)), else it brings the errno.
    try:
        reader, writer = posix.pipe2(posix.O_CLOEXEC)
    except OSError as error:
        raise CannotRunError(error.errno or 0, _strerror(error), again=True) from None
    try:
        pid = posix.fork()
    except OSError as error:
        posix.close(reader)
        posix.close(writer)
        raise CannotRunError(error.errno or 0, _strerror(error), again=True) from None
    if not pid:
        _become(argv, environ, writer, quiet=quiet)
    posix.close(writer)
    _lead_group(pid)
    said = b""
    while True:
        part = posix.read(reader, 4096)
        if not part:
            break
        said += part
    posix.close(reader)
    if not said:
        return pid
    posix.waitpid(pid, 0)  # it ends on its own; its status is not the program's
    number, _, reason = said.partition(b" ")
    raise CannotRunError(int(number), reason.decode("utf-8", "replace"))


def _lead_group(pid: int) -> None:
    """Make the child the leader of its process group, on our side of the fork too.

    Whoever is first, nobody can hit the wrong group (setpgid(2)).
    """
    try:
        posix.setpgid(pid, pid)
    except OSError:
        return  # the child was first and has run exec already (EACCES), or is gone (ESRCH)


def _become(argv: tuple[bytes, ...], environ: dict[bytes, bytes], writer: int, *, quiet: bool) -> NoReturn:
    """Be the program, in the forked child: never returns."""
    try:
        posix.setpgid(0, 0)
        unblock_all()
        if quiet:
            null = posix.open("/dev/null", posix.O_RDONLY)
            posix.dup2(null, 0)
        elif environ.get(b"LISTEN_PID") == b"%d" % posix.getppid():
            # The sockets were meant for us, so for our child: it compares pids (sd_listen_fds(3)).
            # A command for it (``nginx -t``) is not to serve them.
            environ = {**environ, b"LISTEN_PID": b"%d" % posix.getpid()}
        errno, reason = execute(argv, environ)
    except OSError as error:
        errno, reason = error.errno or 0, _strerror(error)
    except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
        errno, reason = 0, repr(error)
    try:
        posix.write(writer, f"{errno} {reason}".encode("utf-8", "surrogateescape")[:4096])
    finally:
        posix._exit(NOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s


def execute(argv: tuple[bytes, ...], environ: dict[bytes, bytes]) -> tuple[int, str]:
    """Run the first program of this name in PATH; return only when there is none, with errno and reason.

    As execvp(3): a name with a slash is a path, what may not be run is passed over for a later
    one, and a script without ``#!`` is given to /bin/sh.
    """
    name = argv[0]
    shown = name.decode("utf-8", "replace")
    if not name:
        return ENOENT, "the command is an empty word"
    paths = [name] if b"/" in name else search(name, environ.get(b"PATH", DEFAULT_PATH))
    worst = 0
    for path in paths:
        try:
            posix.execve(path, argv, environ)
        except OSError as error:
            number = error.errno or 0
        if number == ENOEXEC:
            try:
                posix.execve("/bin/sh", (b"/bin/sh", path, *argv[1:]), environ)
            except OSError:
                return ENOEXEC, f"{shown!r} is no program and has no #! line, and there is no /bin/sh to read it"
        if number not in (ENOENT, ENOTDIR) or b"/" in name:
            worst = worst or number
        if number not in (ENOENT, ENOTDIR, EACCES):
            break
    return explain(name, shown, worst)


def search(name: bytes, path: bytes) -> list[bytes]:
    """Return where a name is looked for; an empty part of PATH is the current directory."""
    return [(part or b".") + b"/" + name for part in path.split(b":")]


def explain(name: bytes, shown: str, number: int) -> tuple[int, str]:
    """Return the errno that counts and the reason in words."""
    if not number:
        return ENOENT, f"{shown!r} was not found in PATH"
    if b"/" not in name:
        return number, f"{shown!r} is in PATH, but: {posix.strerror(number)}"
    try:
        mode = posix.stat(name).st_mode
    except OSError as error:
        return number, f"{shown!r}: {_strerror(error)}"
    if mode & S_IFMT == S_IFDIR:
        return EACCES, f"{shown!r} is a directory"
    if number == ENOENT:
        return ENOENT, f"{shown!r} is there, but the interpreter it names is not"
    closed = number == EACCES and not mode & 0o111
    return number, f"{shown!r} is not executable (chmod +x?)" if closed else f"{shown!r}: {posix.strerror(number)}"


def _strerror(error: OSError) -> str:
    return posix.strerror(error.errno) if error.errno else str(error)
