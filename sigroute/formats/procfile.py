"""A Procfile as rules: a line ``name: command`` for each process; a shell runs the command (devcenter.heroku.com)."""

from __future__ import annotations

import re
import shlex

from sigroute.formats.draft import FormatError, Table

_LINE = re.compile(r"([A-Za-z0-9_-]+):\s*(\S.*)")

#: Assignments before the command, which a shell takes for its environment and does not split.
_ASSIGNMENTS = re.compile(
    r"(?:[A-Za-z_]\w*=(?:[^\s'\"\\$`;&|<>()]|\"[^\"$`\\]*\"|'[^']*'|\$\w+|\$\{\w+\})*\s+)+", re.ASCII
)

#: What only a shell understands: more than words, quotes and variables.
_SHELL = re.compile(r"[|&;<>()`*?~#\n\\]|\$[^A-Za-z_{]|\$\{[^}]*[^A-Za-z0-9_}]|^\s*[A-Za-z_]\w*=")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))", re.ASCII)

#: A string in which a shell expands nothing.
_QUOTED = re.compile(r"'[^']*'|\"[^\"$`\\]*\"")

#: As far as can be told without being a shell: one command, which the shell can become by ``exec``; several, with the
#: last of them; what makes more of several than one after the other.
_SIMPLE = re.compile(r"(?!exec\b|[A-Za-z_]\w*=)(?:[^|&;()\n]|>&|\$\([^()]*\))+", re.ASCII)
_LAST = re.compile(r"(.*(?:&&|;)\s*)([^|&;()'\"`\n]+)")
_COMPOUND = re.compile(r"(?:^|[;&|]\s*)(?:if|for|while|until|case|trap|[{!])\s")

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
        found += _process(match[1], match[2])
    if any(table.header == ("task", RELEASE) for table in found):
        for table in found:
            if table.header[0] == "child" and len(table.header) == 2:  # noqa: PLR2004 - the child itself, no table of it
                table.keys["needs"] = RELEASE
    return found


def _process(name: str, text: str) -> list[Table]:
    """Return the tables of one process."""
    kind = "task" if name == RELEASE else "child"
    table = Table((kind, name), {"command": []})
    if any("PORT" in match.groups() for match in _VARIABLE.finditer(text)):
        table.comments.append("PORT is the platform's: whoever starts the container has to set it")
    assigned = _ASSIGNMENTS.match(text)
    if assigned and _SIMPLE.fullmatch(text, assigned.end()):
        pairs = (word.partition("=") for word in shlex.split(assigned[0]))
        table.keys["env"] = {name: _expanded(value) for name, _, value in pairs}
        text = text[assigned.end() :]
    words = table.keys["command"] = command(text)
    stays = words[:2] == ["sh", "-c"] and not _becomes_its_last(words[2])
    if not stays or kind == "task":
        return [table]
    table.comments.append("a shell stays above the command, so a stop is for the whole process group")
    table.keys["exited"] = "tree"
    return [table, Table((kind, name, "on"), {"stop": {"send": "TERM", "scope": "process-group"}})]


def _becomes_its_last(script: str) -> bool:
    return re.search(r"\bexec (?:[^|&;]|>&)*$", script) is not None


def command(text: str) -> list[str]:
    """Return a command as argv: split into words, if no shell is needed for it."""
    if _SHELL.search(_QUOTED.sub("", text)) or ("'" in text and "$" in text):
        return _script(text)
    try:
        words = shlex.split(text)
    except ValueError:
        return _script(text)
    bare = text.split()
    return [_all_words(word) if word in bare else _expanded(word) for word in words]


def _script(text: str) -> list[str]:
    """Have a shell run it; it becomes the last command, where that is a simple one."""
    last = None if _COMPOUND.search(text) else _LAST.fullmatch(text)
    if last and _SIMPLE.fullmatch(last[2]):
        text = f"{last[1]}exec {last[2]}"
    elif _SIMPLE.fullmatch(text) and not _COMPOUND.search(text):
        text = f"exec {text}"
    return ["sh", "-c", text.replace("${", "$${")]


def _all_words(word: str) -> str:
    """Return a word without quotes: a variable in it is split, if it is all of the word."""
    match = _VARIABLE.fullmatch(word)
    return f"${{{match[1] or match[2]}...}}" if match else _expanded(word)


def _expanded(word: str) -> str:
    return _VARIABLE.sub(lambda match: "${" + (match[1] or match[2]) + "}", word)
