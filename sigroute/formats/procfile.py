"""A Procfile as rules: a line ``name: command`` for each process; a shell runs the command (devcenter.heroku.com)."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from sigroute.formats.draft import FormatError, Table

if TYPE_CHECKING:
    from sigroute.formats.draft import Value

_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")

#: What only a shell understands: more than words, quotes and variables.
_SHELL = re.compile(r"[|&;<>()`*?~#\n\\]|\$[^A-Za-z_{]|\$\{[^}]*[^A-Za-z0-9_}]|^\s*[A-Za-z_]\w*=")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", re.ASCII)

#: The process that a platform runs once, before the others.
RELEASE = "release"


def tables_of(text: str, name: str) -> list[Table]:
    """Return the rules.

    :param name: the file's, for messages.
    :raises FormatError: a line is none of a Procfile.
    """
    found: list[Table] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            message = f"{name}:{number}: no line of a Procfile: it is written NAME: COMMAND"
            raise FormatError(message)
        kind = "task" if match[1] == RELEASE else "child"
        table = Table((kind, match[1]), {"command": command(match[2])})
        if _refers_to_port(match[2]):
            table.comments.append("PORT is the platform's: whoever starts the container has to set it")
        found.append(table)
    if any(table.header == ("task", RELEASE) for table in found):
        for table in found:
            if table.header[0] == "child":
                table.keys["needs"] = RELEASE
    return found


def _refers_to_port(text: str) -> bool:
    return any("PORT" in match.groups() for match in _VARIABLE.finditer(text))


def command(text: str) -> Value:
    """Return a command as argv: split into words, if no shell is needed for it."""
    script = ["sh", "-c", f"exec {text}".replace("${", "$${")]
    if "&&" in text or ";" in text:  # only the last of several commands could be exec's
        script = ["sh", "-c", text.replace("${", "$${")]
    if _SHELL.search(text) or ("'" in text and "$" in text):
        return script
    try:
        words = shlex.split(text)
    except ValueError:
        return script
    return [_VARIABLE.sub(lambda match: "${" + (match[1] or match[2]) + "}", word) for word in words]
