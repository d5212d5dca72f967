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
_ENV = re.compile(r"%\(ENV_([A-Za-z_]\w*)\)s", re.ASCII)
_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.", re.DOTALL)

#: Stands for an expansion that is a word by itself, without quotes, until the command is split.
_ALONE = re.compile(r"(?<!\S)%\(ENV_([A-Za-z_]\w*)\)s(?!\S)", re.ASCII)
_WORDS = re.compile(r"%\(WORDS_(\w+)\)s", re.ASCII)


@attrs.define
class Expansions:
    """Expands the values of one section."""

    say: Callable[[str], None]
    """Takes a comment on what has no counterpart."""
    names: dict[str, str] = attrs.field(factory=dict)
    """By name: expansions whose value is known."""
    number: int | None = None
    """The number of the only process; None: there are several, or none."""
    first: str = "0"
    """The number of the first."""

    def text(self, value: str, begin: str = "${") -> str:
        """Return a value with variables.

        :param begin: what a variable begins with: a shell expands those of its script itself.
        """

        def expanded(match: re.Match[str]) -> str:
            name, form = match[1], match[2]
            if match[0] == "%%":
                return "%"
            if name in self.names:
                return self.names[name]
            if env(match[0]):
                return begin + env(match[0]) + "}"
            if name == "process_num" and self.number is not None:
                return f"%{form}" % self.number
            if name == "process_num" and begin == "${":
                if (form, self.first) != ("d", "1"):
                    how = "is 1, 2, 3 and so on, without leading zeros"
                    self.say(f"{match[0]} counts from {self.first}, and ${{INSTANCE}} {how}")
                return "${INSTANCE}"
            self.say(f"{match[0]} has no counterpart here")
            return match[0]

        return _EXPANSION.sub(expanded, value.replace("${", "$${"))

    def words(self, command: str) -> list[str]:
        """Return the words of a command.

        supervisord expands first, and splits then. So an expansion that is a word by itself becomes all words of its
        variable; within a word, a variable of several words stays in it.
        """
        try:
            words = shlex.split(self._marked(command))
        except ValueError:
            words = ["sh", "-c", command]
        script = script_of(words)
        found = []
        for index, word in enumerate(words):
            alone = _WORDS.fullmatch(word)
            if index == script:
                found.append(self._script(word))
            else:
                found.append(f"${{{alone[1]}...}}" if alone else self.text(word))
        return found

    def _marked(self, command: str) -> str:
        """Return a command with what is known, in which each other expansion that is a word by itself is marked."""
        known = {name: value for name, value in self.names.items() if "${" not in value}
        command = _EXPANSION.sub(lambda match: known.get(match[1], match[0]), command)
        bare = _QUOTED.sub(lambda match: "x" * len(match[0]), command)
        for match in reversed([*_ALONE.finditer(bare)]):
            if f"ENV_{match[1]}" not in self.names:
                command = f"{command[: match.start()]}%(WORDS_{match[1]})s{command[match.end() :]}"
        return command

    def _script(self, script: str) -> str:
        """Return what a shell is to run, with variables that it expands itself."""
        text = self.text(script, "$${")
        if "'" in script and _ENV.search(script):
            self.say("the shell expands its variables now, and not within single quotes: write double quotes there")
        return text


def env(value: str) -> str:
    """Return the name of the variable that a value is; empty: it is none."""
    match = _ENV.fullmatch(value)
    return match[1] if match else ""
