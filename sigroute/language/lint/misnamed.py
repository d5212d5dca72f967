"""A ``program`` that the child's command can't become. Only certain mistakes count, as any command may exec another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.reading import Finding
from sigroute.pid1.engine.program_names import is_program
from sigroute.pid1.kernel.process_names import script_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.language.resolve.resolved import Resolved

#: Servers that never exec another program in their place.
SERVERS = ("apache2", "haproxy", "httpd", "nginx", "php-fpm", "postgres")

#: Shorter words resemble each other by chance: sh and su, npm and npx.
SHORTEST = 4


def misnamed(resolved: Resolved) -> Iterator[Finding]:
    """Yield children whose command is another server than the program, or differs from it by a typo."""
    for each in resolved.children:
        command, programs = list(each.child.command), each.program
        if not command or not programs:
            continue
        name = command[0].rpartition("/")[2]
        name = script_of([name, *command[1:]]) or name
        if is_program((name,), "", programs):
            continue
        near = next((each for each in programs if is_typo(name, each.removesuffix("*"))), None)
        # Debian's php-fpm is a link to php-fpm8.2, SUSE's httpd one to httpd-prefork; /proc names a link's target.
        if near is None and (name not in SERVERS or any(each.startswith(name) for each in programs)):
            continue
        child = each.child
        path = (*child.path, "program" if child.program else "like")
        message = f"child {child.name} runs {name}, which is not its program, {' or '.join(programs)}"
        yield Finding(resolved.rules.source, path, message, f"did you mean {name}?", on_key=False, warning=True)


def is_typo(word: str, other: str) -> bool:
    """Tell whether two words differ by one typo: a wrong, missing or extra letter, or two swapped ones.

    An extra letter at the end is none: ``gunicorn3`` is gunicorn.
    """
    short, long = sorted((word, other), key=len)
    if len(short) < SHORTEST or len(long) - len(short) > 1 or long.startswith(short):
        return False
    at = next(index for index, letter in enumerate(long) if letter != short[index : index + 1])
    swapped = long[at + 1 : at + 2] + long[at] + long[at + 2 :]
    wrong = len(short) == len(long) and short[at + 1 :] == long[at + 1 :]
    return wrong or short[at:] in (long[at + 1 :], swapped)
