"""``sigroute --as NAME``, or called by that name: stand in for tini, dumb-init or catatonit."""

from __future__ import annotations

import posix
from importlib import import_module
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.pid1.compat import ROLES
from sigroute.pid1.compat.role import Call
from sigroute.pid1.exit_codes import USAGE
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.output import STDERR, end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigroute.pid1.compat.role import Role


def asked(words: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Return for whom ``sigroute --as`` with these words stands in, and what that program's words are.

    :raises SystemExit: it was to print rules, and has done so.
    """
    name = words[0] if words else ""
    if name not in ROLES:
        trouble = f"there is no {name!r} to stand in for" if words else "--as needs the name of whom to stand in for"
        end(USAGE, f"sigroute: {trouble}: {', '.join(ROLES)}\n", STDERR)
    if words[1:2] == ["--print-rules"]:
        from sigroute.arguments import answer  # noqa: PLC0415 - only where it is asked for
        from sigroute.as_rules import as_rules  # noqa: PLC0415 - as above

        answer(as_rules(name, words[2:], play(name, words[2:], posix.environ)))
        raise SystemExit(0)
    return name, words[1:]


def play(name: str, words: Sequence[str], environ: dict[bytes, bytes], before: Iterable[int] = ()) -> Role:
    """Return the role that command line and environment ask for. If they ask for an answer, write it and end."""
    module = import_module(f"sigroute.pid1.compat.{ROLES[name]}")
    blocked = frozenset(int(each) for each in before) & RECEIVABLE
    call = Call(name=name, words=tuple(words), environ=environ, blocked=blocked, version=__version__)
    role: Role = module.play(call)
    return role
