"""What a process finds at its start, where the rules say more than that all is as sigroute has it (plan.World).

PID 1 loads this only if there are such rules. A forked child makes itself so before its exec, in this order:

1. It reads /etc/passwd, /etc/group and the files of ``env-file``. It still has sigroute's own rights then, so a file
   with secrets need not be readable for the child's user.
2. Limits, nice, umask: to raise a limit or to lower nice takes rights of root.
3. Groups, group, user.
4. It enters its directory, opens its output and removes the file of its ``ready``, with the rights of that user.
   ``limits.nofile`` comes last: what is open in PID 1 does not count for it.

What is missing or refused is a CannotRunError. None of this holds up PID 1.
"""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import FAILURE
from sigroute.pid1.kernel import identity
from sigroute.pid1.kernel.abi import EACCES, ENOENT, ENOTDIR, EPERM
from sigroute.pid1.kernel.limits import load, set_limit
from sigroute.pid1.kernel.output import STDERR, STDOUT, end
from sigroute.pid1.kernel.refusals import optional
from sigroute.pid1.kernel.surroundings import environment
from sigroute.pid1.kernel.unmet import shown, unmet, wrong
from sigroute.pid1.kernel.variables import environment as variables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.kernel.tagging import Outputs
    from sigroute.pid1.plan import Launch, World

#: The limits by number (asm-generic/resource.h), as rule files name them.
LIMITS = (
    "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending",
    "msgqueue", "nice", "rtprio", "rttime",
)  # fmt: skip

#: The limit of descriptors. The kernel compares it with the number of a new one (getrlimit(2)). PID 1's are open until
#: the exec, and may be many; so it is set when the output is open.
FILES = 7

#: Who may read and write a file that is made for output, as far as umask leaves it.
MODE = 0o666


def ready(launch: Launch) -> Launch:
    """Load what a forked child should not load each time; return the launch with what is to be said once."""
    children = launch.plan.children
    if any(child.world.limits for child in children):
        load()
    missed = {name: None for child in children for name in identity.left_out(child.world)}
    if not missed:
        return launch
    note = f"not root, so {', '.join(missed)} can't be had: processes run as user {posix.geteuid()}, as sigroute does"
    return launch.but(notes=(*launch.notes, note))


def enter(world: World, outputs: Outputs | None = None, *, quiet: bool) -> dict[bytes, bytes]:
    """Be such a process; return the environment for its exec.

    :param outputs: what it writes into already, if a helper passes its output on.
    :param quiet: it is a command of an action, and writes where sigroute writes.
    :raises CannotRunError: something is missing or refused.
    """
    who = identity.granted(world)
    environ = variables(world, environment(), who.variables)
    begin_limits(world)
    if world.nice is not None:
        be_nice(world.nice)
    if world.umask is not None:
        posix.umask(world.umask)
    for pipe in () if outputs is None else outputs[:2]:
        optional(posix.fchown, pipe, who.uid, who.gid)  # who else could not open /dev/stdout again (proc_pid_fd(5))
    identity.become(who, world)
    if world.cwd:
        try:
            posix.chdir(world.cwd)
        except OSError as error:
            unmet(f"cwd {shown(world.cwd)}", error, as_whom(error))
    if outputs is None and world.output not in (b"inherit", b"tag") and not quiet:
        write_to(world.output)
    if FILES in world.limits:
        limit(FILES, *world.limits[FILES])
    return environ


def begin_limits(world: World) -> None:
    """Set the limits. The soft limit of descriptors is not lowered yet: what follows needs some.

    :raises CannotRunError: the kernel refuses one.
    """
    for number, (soft, hard) in world.limits.items():
        if number != FILES:
            limit(number, soft, hard)
        elif hard >= (present := posix.sysconf("SC_OPEN_MAX")):  # the soft limit (sysconf(3))
            limit(FILES, max(soft, present), hard)


def limit(number: int, soft: int, hard: int) -> None:
    """Set a limit.

    :raises CannotRunError: the kernel refuses it.
    """
    name = LIMITS[number] if number < len(LIMITS) else str(number)
    try:
        set_limit(number, soft, hard)
    except ImportError:
        wrong(f"limits.{name}: this Python has no module for limits (resource)")
    except OSError as error:
        most = ", and no more than /proc/sys/fs/nr_open" if name == "nofile" else ""
        way_out = f" (a hard limit above the present one needs CAP_SYS_RESOURCE{most})"
        unmet(f"limits.{name}", error, way_out if error.errno == EPERM else "")


def be_nice(nice: int) -> None:
    """Set the nice value.

    :raises CannotRunError: the kernel refuses it.
    """
    try:
        posix.setpriority(posix.PRIO_PROCESS, 0, nice)
    except OSError as error:
        way_out = " (below the present one it needs CAP_SYS_NICE)"  # EACCES (setpriority(2))
        unmet(f"nice {nice}", error, way_out if error.errno in (EACCES, EPERM) else "")


def write_to(output: bytes) -> None:
    """Have this as standard output and standard error.

    :raises CannotRunError: it can't be opened.
    """
    path = b"/dev/null" if output == b"null" else output
    flags = posix.O_WRONLY | posix.O_APPEND | posix.O_CREAT | posix.O_NOCTTY | posix.O_CLOEXEC
    try:
        fd = posix.open(path, flags, MODE)
        for each in (STDOUT, STDERR):
            posix.dup2(fd, each)
            posix.set_inheritable(each, True)  # noqa: FBT003 - posix's own signature; dup2 leaves it where both are one
    except OSError as error:
        unmet(f"output {shown(path)}", error, as_whom(error))


def clear(mark: bytes) -> None:
    """Remove the file that is to say that the child is ready: an earlier life may have left it.

    :raises CannotRunError: it is there, and can't be removed.
    """
    try:
        posix.unlink(mark)
    except OSError as error:
        if error.errno not in (ENOENT, ENOTDIR):
            unmet(f"ready.file {shown(mark)} can't be removed", error, as_whom(error))


def tell(mark: bytes) -> NoReturn:
    """End with 0 if that file is there. This may take for ever, as on a file system that does not answer."""
    try:
        posix.stat(mark)
    except OSError:
        end(FAILURE)
    end(0)


def as_whom(error: OSError) -> str:
    """Return whose rights were not enough, if that was it."""
    return f" (as user {posix.geteuid()}, group {posix.getegid()})" if error.errno in (EACCES, EPERM) else ""
