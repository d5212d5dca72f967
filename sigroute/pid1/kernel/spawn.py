"""Starting programs: a clean process, that is told of once it runs its program, or why it never will."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.execute import CannotRunError, execute, strerror
from sigroute.pid1.kernel.mask import RECEIVABLE, ignored, restore
from sigroute.pid1.kernel.terminal import HUNG_UP, NONE, SHARE, WAYS, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from sigroute.pid1.manner import Manner
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

#: Ask whether a child has stopped; it is told of it again (waitid(2)).
HAS_STOPPED = posix.WSTOPPED | posix.WNOHANG | posix.WNOWAIT

#: Seconds: an exec takes about as long; a file system that makes it wait is asked twice as late each time, up to this.
LOOK, LOOK_MOST = 0.0003, 0.1

#: The exit code of a child that is not to be: its parent hears the reason, and nobody looks at this.
NOT_RUN = 126

#: What was pending with us, and so not with the child (fork(2)), before a child was in our process group. If it is from
#: the terminal, it is passed on, once; what comes later the child has, too (Manner.typed).
MISSED: set[int] = set()


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
        raise CannotRunError(error.errno or 0, strerror(error), "fork") from None
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
    return CannotRunError(error.errno or 0, f"it can't have the terminal: {strerror(error)}", "terminal")


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
    if manner.group == "own":
        lead(pid)
    posix.close(writer)
    said = heard(reader, pid)
    posix.close(reader)
    if not said:
        return pid
    posix.waitpid(pid, 0)  # it ends on its own; its status is not the program's
    number, what, reason = said.decode("utf-8", "replace").split(" ", 2)
    raise CannotRunError(int(number), reason, what)


def lead(pid: int) -> None:
    """Have a child lead its process group, as it does itself: stopped before that it could not be signalled as one."""
    try:
        posix.setpgid(pid, pid)
    except OSError:  # EACCES: it runs its program already (setpgid(2)); ESRCH: it has ended
        return


def heard(reader: int, pid: int) -> bytes:
    """Return what a child tells until it has run its program, or has stopped.

    Between unblocking the signals and the exec a Ctrl-Z stops it, and the pipe is open as long as it is stopped: who
    waited here for the end of that could not continue it.
    """
    said, look = b"", LOOK
    posix.set_blocking(reader, False)
    while True:
        try:
            part = posix.read(reader, 4096)
        except BlockingIOError:
            if has_stopped(pid):
                if not said:
                    return b""
                posix.kill(pid, _signal.SIGKILL)  # it is not to be: nobody will continue it so that it can end
            _signal.sigtimedwait({_signal.SIGCHLD}, look)  # whoever waits next reaps first
            look = min(look * 2, LOOK_MOST)
            continue
        said += part
        if not part:
            return said


def has_stopped(pid: int = 0) -> bool:
    """Tell whether a child has stopped; 0: any."""
    try:
        return posix.waitid(posix.P_PID if pid else posix.P_ALL, pid, HAS_STOPPED) is not None
    except ChildProcessError:
        return False  # it has ended, and its CHLD tells: who waits only for stops is told that a zombie is not there


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
