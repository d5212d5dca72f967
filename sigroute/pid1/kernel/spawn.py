"""Starting programs: a clean process, found as execvp(3) finds it, failing with a reason."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.mask import RECEIVABLE, unblock_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

ENOENT, ENOEXEC, EAGAIN, ENOMEM, EACCES, ENOTDIR, ENFILE, EMFILE = 2, 8, 11, 12, 13, 20, 23, 24

#: Where execvp(3) looks without PATH.
DEFAULT_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

NOT_FOUND, NOT_RUN = 127, 126

#: There is no memory, descriptor or process left: trying again later may help.
FOR_NOW = (EAGAIN, ENOMEM, ENFILE, EMFILE)

#: The kind of a file (inode(7)).
S_IFMT, S_IFDIR = 0o170000, 0o040000


class CannotRunError(Exception):
    """A program can't be run; ``number`` is the errno, ``status`` the exit code, 0 where trying again may help."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(reason)
        self.number = number
        self.status = 0 if number in FOR_NOW else NOT_FOUND if number == ENOENT else NOT_RUN


def attempt(argv: tuple[bytes, ...], environ: dict[bytes, bytes], *, quiet: bool) -> int | CannotRunError:
    """Start a program; return its pid, or why it can't be run."""
    try:
        pid = start(argv, environ, quiet=quiet)
    except CannotRunError as error:
        return error.with_traceback(None)  # which would keep the environment alive
    posix.sched_yield()  # on one CPU it would wait for all that we do next
    return pid


def start(argv: tuple[bytes, ...], environ: dict[bytes, bytes], *, quiet: bool) -> int:
    """Start a program in a process group of its own, with no signal blocked, caught or ignored; return its pid.

    :param quiet: its standard input is /dev/null.
    :raises CannotRunError: it can't be run; no process is left of the attempt.
    """
    if not quiet and environ.get(b"LISTEN_PID") == b"%d" % posix.getpid():
        return forked(argv, environ)
    # Not fork(2), which copies our page tables for a process that is to lose them at once, and lets each of us write
    # to a copy of what was one page: posix_spawn(3) borrows our memory until the exec (vfork(2)).
    actions: list[tuple[int, ...]] = []
    null = -1
    try:
        if quiet:
            null = posix.open("/dev/null", posix.O_RDONLY | posix.O_CLOEXEC)
            actions = [(posix.POSIX_SPAWN_DUP2, null, 0)]

        def run(path: bytes, words: tuple[bytes, ...]) -> int:
            return posix.posix_spawn(
                path, words, environ, file_actions=actions, setpgroup=0, setsigmask=(), setsigdef=RECEIVABLE
            )

        return execute(argv, environ, run)
    except OSError as error:
        raise CannotRunError(error.errno or 0, _strerror(error)) from None
    finally:
        if null >= 0:
            posix.close(null)


def forked(argv: tuple[bytes, ...], environ: dict[bytes, bytes]) -> int:
    """Do the same for sockets that were meant for us, so for our child: it compares pids (sd_listen_fds(3)).

    It has to have its own in its environment, so it must be there before its program is run. (A
    command for it, ``nginx -t``, is not to serve them.)
    """
    # The pipe closes itself when exec succeeds (O_CLOEXEC, open(2)), else it brings the reason.
    try:
        reader, writer = posix.pipe2(posix.O_CLOEXEC)
    except OSError as error:
        raise CannotRunError(error.errno or 0, _strerror(error)) from None
    try:
        pid = posix.fork()
    except OSError as error:
        posix.close(reader)
        posix.close(writer)
        raise CannotRunError(error.errno or 0, _strerror(error)) from None
    if not pid:
        _become(argv, {**environ, b"LISTEN_PID": b"%d" % posix.getpid()}, writer)
    posix.close(writer)
    said = b""
    while part := posix.read(reader, 4096):
        said += part
    posix.close(reader)
    if not said:
        return pid
    posix.waitpid(pid, 0)  # it ends on its own; its status is not the program's
    number, _, reason = said.partition(b" ")
    raise CannotRunError(int(number), reason.decode("utf-8", "replace"))


def _become(argv: tuple[bytes, ...], environ: dict[bytes, bytes], writer: int) -> NoReturn:
    """Be the program, in the forked child: never returns."""
    try:
        posix.setpgid(0, 0)
        unblock_all()
        execute(argv, environ, lambda path, words: posix.execve(path, words, environ))
    except CannotRunError as error:
        posix.write(writer, f"{error.number} {error}".encode("utf-8", "surrogateescape")[:4096])
    except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
        posix.write(writer, f"0 {error!r}".encode("utf-8", "surrogateescape")[:4096])
    finally:
        posix._exit(NOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s


def execute(
    argv: tuple[bytes, ...], environ: dict[bytes, bytes], run: Callable[[bytes, tuple[bytes, ...]], int]
) -> int:
    """Run the first program of this name in PATH; return what ``run`` does.

    As execvp(3): a name with a slash is a path, what may not be run is passed over for a later
    one, and a script without ``#!`` is given to /bin/sh.

    :param run: runs the program of a path with these words, or raises OSError.
    :raises CannotRunError: there is none that can be run.
    """
    name = argv[0]
    shown = name.decode("utf-8", "replace")
    if not name:
        raise CannotRunError(ENOENT, "the command is an empty word")
    paths = [name] if b"/" in name else filter(is_there, search(name, environ.get(b"PATH", DEFAULT_PATH)))
    worst = 0
    for path in paths:
        try:
            return run(path, argv)
        except OSError as error:
            number = error.errno or 0
        if number in FOR_NOW:
            raise CannotRunError(number, posix.strerror(number))
        if number == ENOEXEC:
            try:
                return run(b"/bin/sh", (b"/bin/sh", path, *argv[1:]))
            except OSError:
                reason = f"{shown!r} is no program and has no #! line, and there is no /bin/sh to read it"
                raise CannotRunError(ENOEXEC, reason) from None
        if number not in (ENOENT, ENOTDIR) or b"/" in name:
            worst = worst or number
        if number not in (ENOENT, ENOTDIR, EACCES):
            break
    raise CannotRunError(*explain(name, shown, worst))


def search(name: bytes, path: bytes) -> list[bytes]:
    """Return where a name is looked for; an empty part of PATH is the current directory."""
    return [(part or b".") + b"/" + name for part in path.split(b":")]


def is_there(path: bytes) -> bool:
    """Tell whether it makes sense to try and run this: a try takes a process, and so a pid."""
    try:
        posix.stat(path)
    except OSError as error:
        return error.errno not in (ENOENT, ENOTDIR)
    return True


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
