"""Starting programs: a clean process, found as execvp(3) finds it, failing with a reason."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.mask import RECEIVABLE, ignored, restore
from sigroute.pid1.kernel.terminal import HUNG_UP, NONE, SHARE, WAYS, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from collections.abc import Callable
    from typing import NoReturn

    from sigroute.pid1.manner import Manner
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

ENOENT, ENOEXEC, EAGAIN, ENOMEM, EACCES, ENOTDIR, ENFILE, EMFILE = 2, 8, 11, 12, 13, 20, 23, 24

#: Where execvp(3) looks without PATH.
DEFAULT_PATH = b"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

#: There is no memory, descriptor or process left: another program of this name would fare no better.
FOR_NOW = (EAGAIN, ENOMEM, ENFILE, EMFILE)

#: The kind of a file (inode(7)).
S_IFMT, S_IFDIR = 0o170000, 0o040000

#: Ask whether a child has stopped; it is told of it again (waitid(2)).
HAS_STOPPED = posix.WSTOPPED | posix.WNOHANG | posix.WNOWAIT

#: Seconds: an exec takes about as long.
LOOK = 0.0003

#: The exit code of a child that is not to be: its parent hears the reason, and nobody looks at this.
NOT_RUN = 126

#: What was pending with us, and so not with the child (fork(2)), before a child was in our process group. If it is from
#: the terminal, it is passed on, once; what comes later the child has, too (Manner.typed).
MISSED: set[int] = set()


class CannotRunError(Exception):
    """A program can't be run; ``number`` is the errno, ``what`` has failed: ``exec``, ``fork`` or ``terminal``."""

    def __init__(self, number: int, reason: str, what: str = "exec") -> None:
        super().__init__(reason)
        self.number = number
        self.what = what


def attempt(
    argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, *, terminal: bool = False, quiet: bool = False
) -> int | CannotRunError:
    """Start a program; return its pid, or why it can't be run."""
    try:
        pid = start(argv, environ, manner, terminal=terminal, quiet=quiet)
    except CannotRunError as error:
        return error.with_traceback(None)  # which would keep the environment alive
    posix.sched_yield()  # on one CPU it would wait for all that we do next
    return pid


def start(
    argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, *, terminal: bool = False, quiet: bool = False
) -> int:
    """Start a program with no signal caught, and none blocked or ignored but for what its manner says; return its pid.

    :param terminal: where there is a terminal, the program gets it.
    :param quiet: its standard input is /dev/null.
    :raises CannotRunError: it can't be run; no process is left of the attempt.
    """
    screen = find_terminal(manner) if terminal else NONE
    try:
        group = manner.group
        if screen == SHARE:
            group, screen = "shared", NONE
        listens = manner.listens and not quiet and environ.get(b"LISTEN_PID") == b"%d" % posix.getpid()
        if screen != NONE or listens or group != "own":
            return forked(argv, environ, manner.but(group=group), screen, listens=listens)
        return spawned(argv, environ, manner, quiet=quiet)
    except OSError as error:
        raise CannotRunError(error.errno or 0, _strerror(error), "fork") from None
    finally:
        close(screen)


def find_terminal(manner: Manner) -> int:
    """Return the terminal that a child is to get; NONE where there is none.

    :raises CannotRunError: it can't be asked.
    """
    try:
        return WAYS[manner.terminal].find()
    except OSError as error:
        raise no_terminal(error) from None


def no_terminal(error: OSError) -> CannotRunError:
    """Return what is said of a child that can't have the terminal."""
    return CannotRunError(error.errno or 0, f"it can't have the terminal: {_strerror(error)}", "terminal")


def spawned(argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, *, quiet: bool) -> int:
    """Start it with posix_spawn(3), which borrows our memory until the exec (vfork(2)).

    fork(2) copies our page tables for a process that is to lose them at once, and lets each of us write to a copy of
    what was one page.
    """
    actions: list[tuple[int, ...]] = []
    null = NONE
    default = RECEIVABLE - ignored(manner.ignored)
    try:
        if quiet:
            null = posix.open("/dev/null", posix.O_RDONLY | posix.O_CLOEXEC)
            actions = [(posix.POSIX_SPAWN_DUP2, null, 0)]

        def run(path: bytes, words: tuple[bytes, ...]) -> int:
            return posix.posix_spawn(
                path, words, environ, file_actions=actions, setpgroup=0, setsigmask=manner.blocked, setsigdef=default
            )

        return execute(argv, environ, run)
    finally:
        if null != NONE:
            posix.close(null)


def forked(argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, screen: int, *, listens: bool) -> int:
    """Start it with fork(2), for what only the child itself can do before its program runs.

    It takes the terminal, as it might read from it before we had given it away. And sockets that were meant for us, so
    for our child, it takes by its own pid in its environment (sd_listen_fds(3)). (A command for it, ``nginx -t``, is
    not to serve them.)
    """
    # The pipe closes itself when exec succeeds (O_CLOEXEC, open(2)), else it brings the reason.
    reader, writer = posix.pipe2(posix.O_CLOEXEC)
    try:
        if manner.group == "shared":
            MISSED.update((manner.typed | HUNG_UP) & _signal.sigpending())
        pid = posix.fork()
    except OSError:
        posix.close(reader)
        posix.close(writer)
        raise
    if not pid:
        if listens:
            environ = {**environ, b"LISTEN_PID": b"%d" % posix.getpid()}
        _become(argv, environ, manner, screen, writer)
    posix.close(writer)
    said = heard(reader, pid)
    posix.close(reader)
    if not said:
        return pid
    posix.waitpid(pid, 0)  # it ends on its own; its status is not the program's
    number, what, reason = said.decode("utf-8", "replace").split(" ", 2)
    raise CannotRunError(int(number), reason, what)


def heard(reader: int, pid: int) -> bytes:
    """Return what a child tells until it has run its program, or has stopped.

    Between unblocking the signals and the exec a Ctrl-Z stops it, and the pipe is open as long as it is stopped: who
    waited here for the end of that could not continue it.
    """
    said = b""
    posix.set_blocking(reader, False)
    while True:
        try:
            part = posix.read(reader, 4096)
        except BlockingIOError:
            if has_stopped(pid):
                if not said:
                    return b""
                posix.kill(pid, _signal.SIGKILL)  # it is not to be: nobody will continue it so that it can end
            _signal.sigtimedwait({_signal.SIGCHLD}, LOOK)  # whoever waits next reaps first
            continue
        said += part
        if not part:
            return said


def has_stopped(pid: int) -> bool:
    """Tell whether a child has stopped."""
    try:
        return posix.waitid(posix.P_PID, pid, HAS_STOPPED) is not None
    except ChildProcessError:
        return False  # it has ended: who waits only for stops is told that a zombie is not there


def _become(argv: tuple[bytes, ...], environ: dict[bytes, bytes], manner: Manner, screen: int, writer: int) -> NoReturn:
    """Be the program, in the forked child: never returns."""
    try:
        if manner.group == "own":
            posix.setpgid(0, 0)
        elif manner.group == "session":
            posix.setsid()
        if screen != NONE:
            WAYS[manner.terminal].take(screen)
        restore(manner.blocked, ignored(manner.ignored))
        execute(argv, environ, lambda path, words: posix.execve(path, words, environ))
    except CannotRunError as error:
        tell(writer, error)
    except OSError as error:
        tell(writer, no_terminal(error))
    except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
        tell(writer, CannotRunError(0, repr(error)))
    finally:
        posix._exit(NOT_RUN)  # noqa: SLF001 - its public name; the underscore is exit(2)'s


def tell(writer: int, error: CannotRunError) -> None:
    """Tell the parent why its child is not to be."""
    posix.write(writer, f"{error.number} {error.what} {error}".encode("utf-8", "surrogateescape")[:4096])


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
            # posix_spawn(3) has one error for both; EAGAIN is the clone's, as an exec says it only after a change of
            # user (execve(2)).
            raise CannotRunError(number, posix.strerror(number), "fork" if number == EAGAIN else "exec")
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
