"""A look at a path that is watched, in a forked process, as the path may hang.

The process follows the path as the kernel does (path_resolution(7)). It answers with a number for what is there, and
with every directory on the way: a symbolic link in one of them may be swapped, the next directory may be replaced, or
what is missing may be made.

PID 1 loads this only if a child watches something.
"""

from __future__ import annotations

import marshal
import posix

from sigroute.pid1.exit_codes import SUCCESS
from sigroute.pid1.kernel import spawn
from sigroute.pid1.kernel.abi import S_IFDIR, S_IFMT
from sigroute.pid1.kernel.output import end
from sigroute.pid1.kernel.refusals import words
from sigroute.pid1.kernel.restore import restore
from sigroute.pid1.kernel.terminal import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    Place = tuple[bytes, int, int, bool]
    """A directory: its path without symbolic links, its device and inode, and whether its files matter as well."""

    Found = tuple[int | None, str, list[Place]]
    """The number of what is there (0: nothing; None: that can't be found out, for this reason), and the way."""

#: The type of a symbolic link in a file's mode (inode(7)).
S_IFLNK = 0o120000

#: The most symbolic links that the kernel follows in one path (path_resolution(7)).
MOST_LINKS = 40


def begin(path: bytes) -> tuple[int, int]:
    """Make a process that looks at a path; return its pid, and a pipe for ``decoded``. It is not waited for.

    :raises OSError: there is no process or descriptor left.
    """
    reader, writer = spawn.pipe()
    try:
        pid = posix.fork()
        if not pid:
            _answer(path, writer)
    except OSError:
        close(reader)
        raise
    finally:
        close(writer)
    return pid, reader


def _answer(path: bytes, writer: int) -> NoReturn:
    """Look, in the forked process, and end."""
    try:
        posix.setpgid(0, 0)
        restore()
        posix.set_blocking(writer, True)
        answer = marshal.dumps(found(path))
        while answer:
            answer = answer[posix.write(writer, answer) :]
    except BaseException:  # noqa: BLE001, S110 - a second sigroute must not go on from here; no answer is one, too
        pass
    finally:
        end(SUCCESS)


def decoded(answer: bytes) -> Found:
    """Return what such a process has answered."""
    try:
        told: Found = marshal.loads(answer)  # noqa: S302 - a fork of this process has written it
    except (EOFError, ValueError, TypeError):  # something has killed it
        return None, "", []
    return told


def found(path: bytes) -> Found:
    """Look at a path."""
    places: dict[bytes, Place] = {}
    try:
        here = followed(path, places)
        status = posix.lstat(here)
        if status.st_mode & S_IFMT == S_IFDIR:
            note(here, places, files=True)
            seen = hash((status.st_dev, status.st_ino, *contents(here)))
        else:
            note(parent(here), places, files=True)
            seen = identity(status)
    except (FileNotFoundError, NotADirectoryError):
        return 0, "", list(places.values())
    except OSError as error:
        return None, words(error), list(places.values())
    return seen or 1, "", list(places.values())


def followed(path: bytes, places: dict[bytes, Place]) -> bytes:
    """Return the path of the same file without symbolic links, and note the directories on the way.

    :raises OSError: it is not there, or can't be reached.
    """
    here, parts, links = b"/", path.split(b"/"), 0
    while parts:
        name = parts.pop(0)
        if name == b"..":
            here = parent(here)
        elif name not in (b"", b"."):
            note(here, places)
            there = here.removesuffix(b"/") + b"/" + name
            if links < MOST_LINKS and posix.lstat(there).st_mode & S_IFMT == S_IFLNK:
                links += 1
                target = posix.readlink(there)
                parts = target.split(b"/") + parts
                here = b"/" if target.startswith(b"/") else here
            else:
                here = there
    return here


def parent(path: bytes) -> bytes:
    """Return the directory that a path is in; that of the root is the root itself."""
    return path.rpartition(b"/")[0] or b"/"


def note(path: bytes, places: dict[bytes, Place], *, files: bool = False) -> None:
    """Note a directory on the way."""
    status = posix.lstat(path)
    if status.st_mode & S_IFMT == S_IFDIR:
        places[path] = (path, status.st_dev, status.st_ino, files)


def contents(path: bytes) -> list[tuple[bytes, int]]:
    """Return the names in a directory, each with a number for what it is.

    :raises OSError: it can't be read.
    """
    listed = []
    for name in sorted(posix.listdir(path)):
        try:
            listed.append((name, identity(posix.lstat(path + b"/" + name))))
        except FileNotFoundError:
            continue  # it has gone meanwhile
    return listed


def identity(status: posix.stat_result) -> int:
    """Return a number for a file as it is now. What is below a directory does not count."""
    owned = status.st_ino, status.st_mode, status.st_uid, status.st_gid
    if status.st_mode & S_IFMT == S_IFDIR:
        return hash(owned)
    return hash((*owned, status.st_dev, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
