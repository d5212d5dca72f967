"""Users and groups as /etc/passwd and /etc/group name them (passwd(5), group(5)).

No other source of names (NSS, nsswitch.conf(5)) is asked: it may be a server, and the static executable has none. The
files are read at each start, as a task may have changed them.
"""

from __future__ import annotations

from sigroute.pid1.kernel.abi import ENOENT
from sigroute.pid1.kernel.regular import contents
from sigroute.pid1.kernel.unmet import shown, unmet, wrong

PASSWD, GROUP = "/etc/passwd", "/etc/group"

#: Bytes: the most that such a file may have.
MOST = 16 << 20

#: The number that setresuid(2) and setresgid(2) take for "unchanged", and the first that is too large.
UNCHANGED = (1 << 32) - 1


def user(word: bytes) -> tuple[bytes, int, int | None, bytes]:
    """Return a user's name, number, group and home; a number without an entry is its own name, and has no group.

    :raises CannotRunError: there is no such user, or the file can't be read.
    """
    wanted = number(word) if word.isdigit() else None
    for name, _, uid, gid, _, home, *_ in entries(PASSWD, 7, word if wanted is None else b"%d" % wanted):
        if is_id(uid) and is_id(gid) and (name == word if wanted is None else int(uid) == wanted):
            return name, int(uid), int(gid), home or b"/"
    if wanted is None:
        wrong(f'user "{shown(word)}" is not in {PASSWD}')
    return word, wanted, None, b"/"


def group(word: bytes) -> int:
    """Return the number of a group.

    :raises CannotRunError: there is no such group, or the file can't be read.
    """
    if word.isdigit():
        return number(word)
    found = [int(gid) for name, _, gid, *_ in entries(GROUP, 3, word) if name == word and is_id(gid)]
    if not found:
        wrong(f'group "{shown(word)}" is not in {GROUP}')
    return found[0]


def groups_of(name: bytes) -> list[int]:
    """Return the groups that have this user among their members.

    :raises CannotRunError: the file can't be read.
    """
    found = entries(GROUP, 4, name)
    return [int(gid) for _, _, gid, members, *_ in found if name in members.strip().split(b",") and is_id(gid)]


def number(word: bytes) -> int:
    """Return the number that a word of digits is.

    :raises CannotRunError: the kernel has no such number.
    """
    if not is_id(word):
        wrong(f"{shown(word)} is no number of a user or group: they end at {UNCHANGED - 1}")
    return int(word)


def is_id(word: bytes) -> bool:
    """Tell whether a word is the number of a user or group."""
    return word.isdigit() and len(word.lstrip(b"0")) <= len(str(UNCHANGED)) and int(word) < UNCHANGED


def entries(path: str, fields: int, word: bytes) -> list[list[bytes]]:
    """Return the entries of such a file that have so many fields at least, and this word somewhere.

    There are none if there is no such file. It may have thousands of lines, and to take all of them apart would take
    longer than all else.

    :raises CannotRunError: it can't be read.
    """
    try:
        data = contents(path, MOST)
    except OSError as error:
        if error.errno == ENOENT:
            return []
        unmet(path, error)
    return [parts for line in data.split(b"\n") if word in line and len(parts := line.split(b":")) >= fields]
