"""The rules for sigroute in the bench, for as many children as a measure needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Rules for one child, which takes the command line; USR1 is rewritten, as a mere forward would need no rule.
ONE = """
[child.receiver.on]
USR1 = "USR2"
"""


def for_copies(command: Sequence[str], copies: int) -> str:
    """Return rules for this many children that run the same command."""
    if copies == 1:
        return ONE
    children = [f"[child.c{number}]\ncommand = {json.dumps(command)}\n" for number in range(copies)]
    return "".join(['[on]\nUSR1 = "USR2"\n', *children])
