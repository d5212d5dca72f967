"""Giving up the start of a process that can't have what the rules say it finds at its start."""

from __future__ import annotations

from sigroute.pid1.kernel.abi import EAGAIN, ENFILE, ENOMEM
from sigroute.pid1.kernel.refusals import words
from sigroute.pid1.kernel.start import CannotRunError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

#: The machine has run out of something: the start is tried again. EMFILE is not among them, as the process may have got
#: that limit from its rules.
FOR_NOW = (EAGAIN, ENOMEM, ENFILE)

#: In place of any other errno: the start has failed for good. ENOENT itself would mean that the command was not found.
FOR_GOOD = 0


def unmet(what: str, error: OSError, way_out: str = "") -> NoReturn:
    """Give up, as the kernel has refused a call.

    :param what: the key of the rules and its value: ``cwd /srv``.
    :param way_out: what is said after the C library's words.
    :raises CannotRunError: always.
    """
    number = error.errno if error.errno in FOR_NOW else FOR_GOOD
    raise CannotRunError(number or FOR_GOOD, f"{what}: {words(error)}{way_out}", "world") from None


def wrong(reason: str) -> NoReturn:
    """Give up, as something is wrong or missing.

    :raises CannotRunError: always.
    """
    raise CannotRunError(FOR_GOOD, reason, "world") from None


def shown(word: bytes) -> str:
    """Return a word, safe to show."""
    return "".join([each if each.isprintable() else "?" for each in word.decode("utf-8", "replace")])
