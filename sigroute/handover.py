"""From the compiler to PID 1: exec replaces this program by a smaller one, which never holds a parser.

The process keeps its pid, its mask and its pending signals (execve(2), signal(7)). The plan goes along in a memfd or
a pipe.
"""

from __future__ import annotations

import marshal
import os
import sys
from typing import TYPE_CHECKING, NoReturn

from sigroute.pid1.encode import encode
from sigroute.pid1.kernel.options import DEFAULT_INIT, DEFAULT_START, InitOptions, StartOptions
from sigroute.pid1.kernel.surroundings import as_given

if TYPE_CHECKING:
    from sigroute.pid1.compat.role import Says
    from sigroute.pid1.plan import First, Launch

RESIDENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pid1", "entry", "take_over.py")


def hand_over(
    launch: Launch,
    start: StartOptions = DEFAULT_START,
    init: InitOptions = DEFAULT_INIT,
    says: Says | None = None,
) -> NoReturn:
    """Replace this program by PID 1's. It returns only by raising.

    :param says: the messages of the program that sigroute stands in for; None: it has its own log.
    :raises OSError: the interpreter cannot be run again.
    """
    data = marshal.dumps((start.fields(), init.fields(), says, *to_wire(launch)))
    try:
        fd = in_memory(data)
    except (AttributeError, OSError):
        fd = by_pipe(data)
    for each in init.control:
        os.set_inheritable(each, True)  # noqa: FBT003 - os's own signature
    python = sys.executable or "/proc/self/exe"
    as_given()
    # Isolated, without site, writing no bytecode, in any locale (python(1), -I, -S, -B, -X).
    os.execv(python, [python, "-ISBXutf8", RESIDENT, str(fd)])  # noqa: S606 - the point of it


def to_wire(launch: Launch) -> tuple[First | None, bytes]:
    """Return what the first start needs, and the rest as bytes. PID 1 starts its first child before it decodes them."""
    plan = launch.plan
    if plan.templates or plan.has_worlds() or plan.many:
        return None, encode(launch)
    argv, terminal = next(((child.argv, child.terminal) for child in plan.children), ((), False))
    children = tuple([child.but(argv=(), terminal=False) for child in plan.children[:1]]) + plan.children[1:]
    rest = launch.but(plan=plan.but(children=children, command=None))
    return (argv, terminal, plan.command), encode(rest)


def in_memory(data: bytes) -> int:
    """Return a descriptor of a memfd with this data, which exec keeps open.

    :raises AttributeError: Python was built with a C library without memfd_create (glibc before 2.27).
    :raises OSError: the data exceeds RLIMIT_FSIZE, which limits memfds, too (getrlimit(2)).
    """
    fd = os.memfd_create("sigroute-plan", flags=0)  # no CLOEXEC: it is read after the exec
    try:
        with os.fdopen(fd, "wb", closefd=False) as file:
            file.write(data)
        os.lseek(fd, 0, os.SEEK_SET)
    except OSError:
        os.close(fd)
        raise
    return fd


def by_pipe(data: bytes) -> int:
    """Do the same with a pipe. A child writes to it, because the data may not fit; PID 1 reaps that child.

    :raises OSError: there are no descriptors or processes left.
    """
    reader, writer = os.pipe()
    if not os.fork():
        try:
            os.close(reader)
            with os.fdopen(writer, "wb") as file:
                file.write(data)
        finally:
            os._exit(0)
    os.close(writer)
    os.set_inheritable(reader, True)  # noqa: FBT003 - os's own signature
    return reader
