"""Starting programs: fork(2), then exec(3) in the child, which reports why it cannot run its program.

posix_spawn(3) is not used, for two reasons. It blocks until the exec is done (vfork(2)), and a dead file system can
delay that for ever. And where an older seccomp filter refuses clone3(2) with EPERM, glibc does not try clone(2).
"""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel.abi import EAGAIN
from sigroute.pid1.kernel.execute import execute
from sigroute.pid1.kernel.inherited import ignored
from sigroute.pid1.kernel.output import STDERR, STDOUT, end
from sigroute.pid1.kernel.refusals import words
from sigroute.pid1.kernel.restore import restore
from sigroute.pid1.kernel.start import NONE, PATIENCE, CannotRunError, Start
from sigroute.pid1.kernel.surroundings import adapt
from sigroute.pid1.kernel.terminal import SHARE, STANDARD_DESCRIPTORS, WAYS, close

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
    from typing import NoReturn

    from sigroute.pid1.kernel.channel import Channel
    from sigroute.pid1.kernel.options import StartOptions
    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import World
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB


def attempt(  # noqa: PLR0913 - all but two have a default
    argv: tuple[bytes, ...],
    options: StartOptions,
    *,
    terminal: bool = False,
    quiet: bool = False,
    mute: bool = False,
    world: World | None = None,
    mark: bytes = b"",
    outputs: Outputs | None = None,
    channel: Channel | None = None,
    patience: float = PATIENCE,
) -> Start | CannotRunError:
    """Make a process that is to run a program, or return why that is not possible.

    It catches no signal, and blocks and ignores those that its options name.

    :param terminal: the program gets the terminal, if there is one.
    :param quiet: its standard input is /dev/null.
    :param mute: so are its standard output and standard error.
    :param world: what it finds; None: all as sigroute has it.
    :param mark: a file that it removes first; without argv: it runs no program, and ends with 0 if that file is there.
    :param outputs: its standard output and standard error; None: it has sigroute's.
    :param channel: by what it says how it is.
    :param patience: seconds to wait for the outcome.
    """
    screen = NONE
    try:
        screen = WAYS[options.terminal].find() if terminal else NONE
    except OSError as error:
        return no_terminal(error)
    if screen == SHARE:
        options, screen = options.but(group="shared"), NONE
    try:
        begun = forked(
            argv, options, screen, world, mark=mark, outputs=outputs, channel=channel, quiet=quiet, mute=mute
        )
    except OSError as error:
        return CannotRunError(error.errno or 0, words(error), "fork")
    finally:
        close(screen)
    begun.wait(
        patience
    )  # the processor is the program's meanwhile: what comes next here may take longer than its start
    return begun


def no_terminal(error: OSError) -> CannotRunError:
    """Return the error of a child that cannot get the terminal."""
    return CannotRunError(error.errno or 0, f"it can't have the terminal: {words(error)}", "terminal")


def forked(  # noqa: PLR0913 - what is known of the start
    argv: tuple[bytes, ...],
    options: StartOptions,
    screen: int,
    world: World | None,
    *,
    mark: bytes,
    outputs: Outputs | None,
    channel: Channel | None,
    quiet: bool,
    mute: bool,
) -> Start:
    """Make the process.

    :raises OSError: no process or no descriptor is left.
    """
    reader, writer = pipe(NONE if channel is None else channel.number)
    try:
        pending = frozenset(_signal.sigpending()) if options.group == "shared" else None
        pid = fork(options.avoided)
        if not pid:
            _become(
                argv,
                options,
                screen,
                world,
                writer,
                mark=mark,
                outputs=outputs,
                channel=channel,
                quiet=quiet,
                mute=mute,
            )
    except OSError:
        close(reader)
        raise
    finally:
        close(writer)
    if options.group == "own":
        lead(pid)
    return Start(pid, reader, pending)


def fork(avoided: frozenset[int]) -> int:
    """Make a process, which has none of these pids; return its pid, and 0 in the process itself.

    :raises OSError: there is no process left, or it had one of them. Another try gets another one.
    """
    pid = posix.fork()
    if pid in avoided:
        posix.waitpid(pid, 0)
        raise OSError(EAGAIN, posix.strerror(EAGAIN))
    if not pid and avoided and posix.getpid() in avoided:
        end(CANNOT_RUN)
    return pid


def pipe(spared: int = NONE) -> tuple[int, int]:
    """Open a pipe that takes no standard descriptor, nor this one: the child would replace it.

    :raises OSError: there is no descriptor left.
    """
    reader, writer = posix.pipe2(posix.O_CLOEXEC | posix.O_NONBLOCK)
    taken = {*STANDARD_DESCRIPTORS, spared}
    if reader not in taken and writer not in taken:
        return reader, writer
    try:
        return pipe(spared)
    finally:
        close(reader)
        close(writer)


def lead(pid: int) -> None:
    """Make a child lead a process group. It does so itself, too: whoever comes first, the group is there."""
    try:
        posix.setpgid(pid, pid)
    except OSError:  # EACCES: it runs its program already (setpgid(2)); ESRCH: it has ended
        return


def _become(  # noqa: PLR0913 - what is known of the start
    argv: tuple[bytes, ...],
    options: StartOptions,
    screen: int,
    world: World | None,
    writer: int,
    *,
    mark: bytes,
    outputs: Outputs | None,
    channel: Channel | None,
    quiet: bool,
    mute: bool,
) -> NoReturn:
    """Be the program, in the forked child: never returns.

    An exec may take long, and so may what makes a world; a signal is to end it. So the dispositions are the program's
    before that.
    """
    try:
        if options.group == "own":
            posix.setpgid(0, 0)
        elif options.group == "session":
            posix.setsid()
        if screen != NONE:
            take(options, screen)
        if quiet:
            read_nothing()
            if mute:
                write_nothing()
        else:
            adapt(options.pid_variables)
        restore(options.blocked, ignored(options.keep_ignored))
        go_on(argv, world, mark, outputs, channel, quiet=quiet)
    except CannotRunError as error:
        posix.write(writer, described(error))
    except OSError as error:
        posix.write(writer, described(CannotRunError(error.errno or 0, words(error), "fork")))
    except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
        posix.write(writer, described(CannotRunError(0, repr(error))))
    finally:
        end(CANNOT_RUN)  # nobody looks at it: the parent has the reason


def go_on(  # noqa: PLR0913 - as above
    argv: tuple[bytes, ...],
    world: World | None,
    mark: bytes,
    outputs: Outputs | None,
    channel: Channel | None,
    *,
    quiet: bool,
) -> NoReturn:
    """Be the program in its world, or look for the file.

    :raises CannotRunError: that is not possible.
    """
    if outputs is not None:
        from sigroute.pid1.kernel.tagging import write_into  # noqa: PLC0415 - whoever has these has loaded it

        write_into(outputs)
    if world is None and not mark:
        execute(argv, None if channel is None else channel.give(None))
    from sigroute.pid1.kernel.world import clear, enter, tell  # noqa: PLC0415 - whoever has these has loaded it (ready)

    environ = None if world is None else enter(world, outputs, quiet=quiet)
    if not argv:
        tell(mark)
    if mark:
        clear(mark)
    execute(argv, environ if channel is None else channel.give(environ))


def take(options: StartOptions, screen: int) -> None:
    """Take the terminal: the child itself, as it might read from it before we had given it away.

    :raises CannotRunError: that is not possible.
    """
    try:
        WAYS[options.terminal].take(screen)
    except OSError as error:
        raise no_terminal(error) from None


def read_nothing() -> None:
    """Have /dev/null as standard input.

    :raises OSError: there is none.
    """
    posix.closerange(0, 1)
    posix.open("/dev/null", posix.O_RDONLY)  # it gets the lowest number that is free (open(2))
    posix.set_inheritable(0, True)  # noqa: FBT003 - posix's own signature


def write_nothing() -> None:
    """Have /dev/null as standard output and standard error.

    :raises OSError: there is none.
    """
    fd = posix.open("/dev/null", posix.O_WRONLY | posix.O_CLOEXEC)
    for each in (STDOUT, STDERR):
        posix.dup2(fd, each)
        posix.set_inheritable(each, True)  # noqa: FBT003 - posix's own signature; dup2 leaves it where both are one


def described(error: CannotRunError) -> bytes:
    """Return what a child tells its parent; so little a pipe takes whole, and at once (pipe(7))."""
    return f"{error.number} {error.what} {error}".encode("utf-8", "surrogateescape")[:4096]
