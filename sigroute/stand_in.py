"""``sigroute --as NAME``, or called by that name: stand in for tini, dumb-init or catatonit."""

from __future__ import annotations

import os
import posix
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.handover import hand_over
from sigroute.pid1.compat import ROLES
from sigroute.pid1.compat.role import Call, orphaned, prepare
from sigroute.pid1.compat.routes_plan import plan_of
from sigroute.pid1.exit_codes import CANNOT_RUN, USAGE
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.output import STDERR, end
from sigroute.pid1.plan import Launch

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigroute.pid1.compat.role import Role


def asked(words: Sequence[str], before: Iterable[int]) -> int:
    """Run ``sigroute --as`` with these words. It returns only an exit code of an answer or an error."""
    name = words[0] if words else ""
    if name not in ROLES:
        trouble = f"there is no {name!r} to stand in for" if words else "--as needs the name of whom to stand in for"
        end(USAGE, f"sigroute: {trouble}: {', '.join(ROLES)}\n", STDERR)
    if words[1:2] == ["--explain"]:
        from sigroute.arguments import answer  # noqa: PLC0415 - only where it is asked for
        from sigroute.explain import explain  # noqa: PLC0415 - as above

        answer(explain(name, words[2:], play(name, words[2:], posix.environ)))
        return 0
    return stand_in(name, words[1:], before)


def stand_in(name: str, words: Sequence[str], before: Iterable[int]) -> int:
    """Become PID 1 in the place of this program. It returns only an exit code of an error.

    :param before: the signals that were blocked at the start.
    """
    role = play(name, words, posix.environ, before)
    command = tuple(os.fsencode(word) for word in role.command)
    notes = (*prepare(role), *orphaned(role))
    launch = Launch(plan=plan_of(role.routes, command), notes=notes)
    try:
        hand_over(launch, role.start, role.init, role.says)
    except OSError as error:
        end(CANNOT_RUN, f"{name}: cannot run {sys.executable} again: {error.strerror}\n", STDERR)


def play(name: str, words: Sequence[str], environ: dict[bytes, bytes], before: Iterable[int] = ()) -> Role:
    """Return the role that command line and environment ask for. If they ask for an answer, write it and end."""
    module = import_module(f"sigroute.pid1.compat.{ROLES[name]}")
    blocked = frozenset(int(each) for each in before) & RECEIVABLE
    call = Call(name=name, words=tuple(words), environ=environ, blocked=blocked, version=__version__)
    role: Role = module.play(call)
    return role
