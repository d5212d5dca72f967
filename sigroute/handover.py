"""From the compiler to the resident: the same process, a smaller program.

``execv`` keeps the pid, the mask and what is pending (execve(2), signal(7)); the plan goes along in
a memfd. So PID 1 never holds a parser.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from sigroute.pid1.plan import Launch, to_wire

RESIDENT = Path(__file__).parent / "pid1" / "__main__.py"

#: What CPython itself puts into LC_CTYPE where it finds the C locale (PEP 538).
COERCED = {b"C.UTF-8", b"C.utf8", b"UTF-8"}


def original_environ() -> dict[bytes, bytes]:
    """Return the environment that sigroute was started with.

    Not ``os.environ``: in the C locale CPython has set LC_CTYPE there (PEP 538), and initdb, to
    name one, would make its database in another locale for it. The kernel keeps the original
    (proc_pid_environ(5)); without /proc, what CPython may have set is left out.
    """
    try:
        words = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        environ = dict(os.environb)
        if environ.get(b"LC_CTYPE") in COERCED and not environ.get(b"LC_ALL") and environ.get(b"LANG", b"C") == b"C":
            del environ[b"LC_CTYPE"]
        return environ
    pairs = (word.partition(b"=") for word in words if b"=" in word)
    return {name: value for name, _, value in pairs if name}


def hand_over(launch: Launch) -> NoReturn:
    """Replace this process with the resident; return only by raising.

    :raises OSError: the interpreter can't be run again.
    """
    fd = os.memfd_create("sigroute-plan", flags=0)  # no CLOEXEC: it is for after the exec
    with os.fdopen(fd, "wb", closefd=False) as file:
        file.write(to_wire(launch))
    os.lseek(fd, 0, os.SEEK_SET)
    python = sys.executable or "/proc/self/exe"
    os.execve(python, [python, "-I", "-S", str(RESIDENT), str(fd)], launch.environ)  # noqa: S606 - the point of it
