"""User and groups of a process: which it asks for, which it gets, and becoming that.

Where sigroute is not root, it can give a process no other user than its own. Rules that name users are written for a
container that starts as root; where the platform starts that as some user, everything is to run as that user. So a name
that can't be had is left out, and PID 1 says so once. But who writes a number means the owner of files, and a process
with another number is refused.
"""

from __future__ import annotations

import posix

from sigroute.pid1.kernel import accounts
from sigroute.pid1.kernel.abi import EINVAL, EPERM
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.kernel.unmet import shown, unmet, wrong
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.plan import World

ROOT = 0


class Identity(Record):
    """User and groups of a process."""

    uid: int
    gid: int
    groups: frozenset[int]
    """Its supplementary groups."""
    variables: dict[bytes, bytes] = {}  # noqa: RUF012 - a default, never changed
    """HOME, USER, LOGNAME."""


class Asked(Record):
    """A user or group that the rules name."""

    what: str
    """``user`` or ``group``."""
    word: bytes
    had: bool
    """It is sigroute's own."""


def asked(world: World) -> Identity:
    """Return what a process asks for.

    :raises CannotRunError: there is no such user or group.
    """
    now = current()
    gid, groups, uid, variables = now.gid, now.groups, now.uid, now.variables
    if world.user:
        name, uid, own, home = accounts.user(world.user)
        if own is None and not world.group:
            number = shown(world.user)
            reason = f'user {number} is not in {accounts.PASSWD}, so its group is unknown: write "{number}:GROUP"'
            wrong(reason)
        gid = gid if own is None else own
        variables = {b"HOME": home, b"USER": name, b"LOGNAME": name}
        groups = frozenset() if world.group else frozenset(accounts.groups_of(name))
    gid = accounts.group(world.group) if world.group else gid
    groups |= {gid, *[accounts.group(each) for each in world.extra_groups]}
    return Identity(uid=uid, gid=gid, groups=groups, variables=variables)


def current() -> Identity:
    """Return what sigroute has itself."""
    return Identity(uid=posix.geteuid(), gid=posix.getegid(), groups=frozenset(posix.getgroups()))


def parts(world: World) -> list[Asked]:
    """Return the users and groups that the rules name.

    :raises CannotRunError: there is no such user or group.
    """
    now = current()
    found = []
    if world.user:
        found.append(Asked(what="user", word=world.user, had=accounts.user(world.user)[1] == now.uid))
    if world.group:
        found.append(Asked(what="group", word=world.group, had=accounts.group(world.group) == now.gid))
    ours = {now.gid, *now.groups}
    return found + [Asked(what="group", word=word, had=accounts.group(word) in ours) for word in world.extra_groups]


def granted(world: World) -> Identity:
    """Return what a process gets.

    :raises CannotRunError: there is no such user or group, or a number can't be had.
    """
    wanted, now = asked(world), current()
    if now.uid == ROOT:
        return wanted
    for each in parts(world):
        if each.word.isdigit() and not each.had:
            reason = f"sigroute is not root, but has user {now.uid} and group {now.gid}"
            wrong(f"{each.what} {shown(each.word)} can't be had: {reason}")
    return now.but(variables=wanted.variables if wanted.uid == now.uid else {})


def left_out(world: World) -> list[str]:
    """Return the names that a process asks for and does not get, for people; none if its start will fail."""
    if posix.geteuid() == ROOT:
        return []
    try:
        return [f'{each.what} "{shown(each.word)}"' for each in parts(world) if not each.had]
    except CannotRunError:
        return []


def become(identity: Identity, world: World) -> None:
    """Be that user, with those groups. What is so already needs no rights.

    :raises CannotRunError: the kernel refuses it.
    """
    uid, gid = (identity.uid,) * 3, (identity.gid,) * 3
    who = shown(b":".join([word for word in (world.user, world.group) if word])) or "as sigroute's"
    if identity.groups | {identity.gid} != {posix.getegid(), *posix.getgroups()}:
        change(f"groups of user {who}", "CAP_SETGID", lambda: posix.setgroups(sorted(identity.groups)))
    if gid != posix.getresgid():
        change(f"group of user {who}", "CAP_SETGID", lambda: posix.setresgid(*gid))
    if uid != posix.getresuid():
        change(f"user {who}", "CAP_SETUID", lambda: posix.setresuid(*uid))


def change(what: str, capability: str, call: Callable[[], None]) -> None:
    """Make such a call.

    :raises CannotRunError: the kernel refuses it (user_namespaces(7) for EINVAL).
    """
    try:
        call()
    except OSError as error:
        ways_out = {EPERM: f" (it needs {capability})", EINVAL: " (this container has no such number)"}
        unmet(what, error, ways_out.get(error.errno or 0, ""))
