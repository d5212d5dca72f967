"""A Procfile as rules: a line ``name: command`` for each process; a shell runs the command (devcenter.heroku.com)."""

from __future__ import annotations

import re

from sigroute.formats.draft import FormatError, Table, free_name
from sigroute.formats.shell import VARIABLE, Command, Word, commands_of
from sigroute.language import script_of

_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")

#: The process that a platform runs once, before the others.
RELEASE = "release"

STAYS = "a shell may stay above the command, so a stop is for the whole process group"


def tables_of(text: str, name: str) -> list[Table]:
    """Return the rules.

    :param name: the file's, for messages.
    :raises FormatError: a line is none of a Procfile.
    """
    found: list[Table] = []
    tables: list[Table] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            message = f"{name}:{number}: not a line of a Procfile: write NAME: COMMAND"
            raise FormatError(message)
        process, *more = _process(match[1], match[2], {table.header[1] for table in found})
        found.append(process)
        tables += [process, *more]
    if any(table.header == ("task", RELEASE) for table in found):
        for table in found:
            if table.header[0] == "child":
                table.keys["needs"] = RELEASE
    return tables


def _process(name: str, line: str, taken: set[str]) -> list[Table]:
    """Return the tables of one process."""
    kind, own = "task" if name == RELEASE else "child", free_name(name, taken)
    assigned, words = command_of(line)
    table = Table((kind, own), {"command": list(words)})
    if own != name:
        table.comments.append(f"the Procfile calls it {name}")
    if "PORT" in [match["braced"] or match["bare"] for match in VARIABLE.finditer(line)]:
        table.comments.append("PORT is the platform's: whoever starts the container has to set it")
    if assigned:
        table.keys["env"] = dict(assigned)
    if kind == "task" or not _stays(words):
        return [table]
    table.comments.append(STAYS)
    table.keys["exited"] = "tree"
    return [table, Table((kind, own, "on"), {"stop": {"send": "TERM", "scope": "process-group"}})]


def command_of(line: str) -> tuple[dict[str, str], list[str]]:
    """Return the variables and the words of a command; a shell is one of them, where it needs one."""
    commands = commands_of(line)
    if commands is not None and len(commands) == 1:
        words = list(commands[0].words)
        assigned = [words.pop(0) for _ in range(len(words)) if words[0].is_assignment]
        if len(words) > 1 and words[0].text == "exec":
            words.pop(0)
        if words and _needs_no_shell(assigned, words):
            pairs = (_argument(each).partition("=") for each in assigned)
            return {name: value for name, _, value in pairs}, [_argument(word) for word in words]
    last = commands[-1] if commands else None
    if last is not None and last.is_program:
        line = f"{line[: last.begin]}exec {line[last.begin :]}"
    return {}, ["sh", "-c", line.replace("${", "$${")]


def _needs_no_shell(assigned: list[Word], words: list[Word]) -> bool:
    if not Command(0, tuple(words)).is_program or not all(each.is_plain for each in (*assigned, *words)):
        return False
    names = {each.text.partition("=")[0] for each in assigned}
    if any({match["braced"], match["bare"]} & names for each in assigned for match in VARIABLE.finditer(each.text)):
        return False  # one of them is made of another
    script = script_of([word.value(str) for word in words])
    return script is None or "$" not in words[script].text  # it expands what the next shell reads


def _argument(word: Word) -> str:
    """Return a word of the rules. To a shell, an unset variable is an empty text, or no word at all; so it is here."""
    bare = word.bare
    if bare:
        return f"${{{bare}...}}"
    return word.value(lambda name: "${PORT}" if name == "PORT" else f"${{{name}:-}}")


def _stays(words: list[str]) -> bool:
    """Tell whether a shell stays above the command."""
    script = script_of(words)
    if script is None:
        return False
    commands = commands_of(words[script].replace("$${", "${"))
    return commands is None or commands[-1].words[0].text != "exec"
