"""What supervisord puts into values: ``%(ENV_NAME)s`` and the like, as variables of a rule file."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import attrs

from sigroute.language import script_of

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPANSION = re.compile(r"%\((\w+)\)([sd]|0\d+d)|%%", re.ASCII)
_ENV = re.compile(r"%\(ENV_(\w+)\)s", re.ASCII)


@attrs.define
class Expansions:
    """Expands the values of one section."""

    say: Callable[[str], None]
    """Takes a comment on what has no counterpart."""
    names: dict[str, str] = attrs.field(factory=dict)
    """By name: expansions whose value is known."""
    number: int | None = None
    """The number of the only process; None: there are several, or none."""

    def text(self, value: str, begin: str = "${") -> str:
        """Return a value with variables.

        :param begin: what a variable begins with: a shell expands those of its script itself.
        """

        def expanded(match: re.Match[str]) -> str:
            name, form = match[1], match[2]
            if match[0] == "%%":
                return "%"
            if name.startswith("ENV_"):
                return begin + name.removeprefix("ENV_") + "}"
            if name in self.names:
                return self.names[name]
            if name == "process_num" and self.number is not None:
                return f"%{form}" % self.number
            if name == "process_num" and begin == "${":
                self.say(f"{match[0]} counts from 0, and ${{INSTANCE}} is 1, 2, 3 and so on, without leading zeros")
                return "${INSTANCE}"
            self.say(f"{match[0]} has no counterpart here")
            return match[0]

        return _EXPANSION.sub(expanded, value.replace("${", "$${"))

    def words(self, command: str) -> list[str]:
        """Return the words of a command.

        supervisord expands first, and splits then. So a word that is one variable becomes all words of that.
        """
        try:
            words = shlex.split(command)
        except ValueError:
            words = ["sh", "-c", command]
        script = script_of(words)
        found = []
        for index, word in enumerate(words):
            variable = env(word)
            if index == script:
                found.append(self.text(word, "$${"))
            else:
                found.append(f"${{{variable}...}}" if variable else self.text(word))
        return found


def env(value: str) -> str:
    """Return the name of the variable that a value is; empty: it is none."""
    match = _ENV.fullmatch(value)
    return match[1] if match else ""
