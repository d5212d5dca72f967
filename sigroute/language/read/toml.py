"""TOML, with the errors of its parser said in the words of rule files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import tomli

from sigroute.language.read.problems import Problem, RuleError

if TYPE_CHECKING:
    from sigroute.language.read.source import Source

# Only errors need these patterns, so they are compiled where they are used.
_UNQUOTED = r"(?:^|[{,.])\s*((?:SIG)?RT(?:MIN|MAX)[+-][0-9]+|[A-Za-z0-9_-]+(?:[+-][0-9]+)?@[A-Za-z0-9_-]*)\s*="
_DURATION = r"[0-9]+(?:h|m|s|ms)(?:[0-9]+(?:m|s|ms))*\s*(?:#.*)?"
_CHAIN = r"[0-9]+(?:h|m|s|ms)[0-9hms]*(?:[ \t]+[A-Za-z0-9+_-]+)+"
_OCTAL = r"0[0-7]+(?=\s*(?:#.*)?$)"
_WORD = r"[A-Za-z][A-Za-z0-9+_@-]*(?:[ \t]+[A-Za-z0-9+_@-]+)*"

#: A string, of any of the four forms. No group is possessive: CPython before 3.11.5 matches those wrongly (gh-106052).
STRING = (
    r'"""[^"\\]*+(?:(?:\\[\s\S]|"(?!""))[^"\\]*+)*"{3,5}|'
    r"'''[^']*+(?:'(?!'')[^']*+)*'{3,5}|"
    r'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*"|'
    r"'[^'\n]*+'"
)

#: A bracket. The alternatives before it skip strings and comments, which may contain brackets.
_BRACKET = STRING + r"|#[^\n]*|[][{}]"

#: A key of more parts than any rule needs. The alternatives after it skip strings, comments and other words.
_LONG_KEY = (
    r"""((?:(?:[A-Za-z0-9_-]++|"[^"\\\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){16})|""" + STRING + r"|#[^\n]*|[A-Za-z0-9_-]++"
)

#: A text with fewer dots has no such key that would matter.
MANY_DOTS = 200

TRUTHS = ("true", "false")


def read_toml(source: Source) -> dict[str, Any]:
    """Return the document of a text.

    :raises RuleError: the text is no TOML; it has one problem, as the parser stops at the first.
    """
    _refuse_long_keys(source)
    try:
        return tomli.loads(source.text)
    except tomli.TOMLDecodeError as error:
        raise RuleError((_problem(source, error),)) from None
    except RecursionError:
        raise RuleError((_too_deep(source),)) from None
    except ValueError:
        # tomli passes on that int() refuses thousands of digits.
        problem = Problem(source.name, "a number has thousands of digits", "no number here needs more than three")
        raise RuleError((problem,)) from None


def _refuse_long_keys(source: Source) -> None:
    """Refuse a key that would keep the parser busy for seconds: it takes quadratic time in the parts of a key.

    :raises RuleError: a key has too many parts.
    """
    if source.text.count(".") < MANY_DOTS:
        return
    for found in re.finditer(_LONG_KEY, source.text):
        if found[1]:
            raise RuleError((_too_deep(source, source.text.count("\n", 0, found.start()) + 1),))


def _too_deep(source: Source, line: int = 0) -> Problem:
    return Problem(source.name, "lists and tables are nested too deeply", "no rule needs more than six levels", line)


def _problem(source: Source, error: tomli.TOMLDecodeError) -> Problem:
    if not source.quotable:
        # It may hold secrets, so neither its text nor the parser's words about it are shown.
        return Problem(source.name, "neither TOML nor anything like a rule file", line=error.lineno)
    lines = source.text.split("\n")
    index = min(error.lineno, len(lines)) - 1
    column, length = error.colno - 1, 1
    while index and not lines[index].strip():
        # tomli reports an unclosed value at the end of the text, which may be after blank lines.
        index -= 1
        column = len(lines[index])
    line = lines[index]
    message, hint = _in_our_words(error.msg)
    number, at = _left_open(lines, error)
    if number < index:
        message, hint = _in_our_words("Unclosed array" if lines[number][at] == "[" else "Unclosed inline table")
        return Problem(source.name, f"syntax error: {message}", hint, number + 1, at, 1, lines[number])
    unquoted = next((key for key in re.finditer(_UNQUOTED, line) if key.start(1) <= column <= key.end(1)), None)
    if unquoted:
        key = unquoted[1]
        message, hint = f"{key} as a key has to be quoted", f'write "{key}" ='
        column, length = unquoted.start(1), len(key)
    elif error.msg.startswith(("Cannot overwrite", "Duplicate inline", "Cannot declare", "Cannot mutate")):
        column, length, message, hint = _defined_twice(line, column, error.msg)
    else:
        before = re.match(r"[^=#\"']+=\s*", line)
        value = line[before.end() :] if before else ""
        if before and re.fullmatch(_DURATION, value):
            column, length = before.end(), len(value.partition("#")[0].rstrip())
            message, hint = "a duration has to be quoted", f'write "{value[:length]}"'
        elif before and (octal := re.match(_OCTAL, value)):
            column, length = before.end(), len(octal[0])
            message, hint = "an octal number has to be quoted", f'write "{octal[0]}"'
        elif before and (chain := re.match(_CHAIN, value)):
            column, length = before.end(), len(chain[0])
            message, hint = "a string has to be quoted", f'write "{chain[0]}"'
        elif before and column == before.end() and (word := re.match(_WORD, value)) and word[0] not in TRUTHS:
            length = len(word[0])
            message, hint = "a string has to be quoted", f'write "{word[0]}"'
    message = message if message.endswith("quoted") else f"syntax error: {message}"
    return Problem(source.name, message, hint, index + 1, column, length, line)


def _left_open(lines: list[str], error: tomli.TOMLDecodeError) -> tuple[int, int]:
    """Return the line and column of a bracket that is still open where a new key or header begins, or the text ends.

    Anywhere else a comma or a quote is missing, and the parser's own place is returned.
    """
    index = min(error.lineno, len(lines)) - 1
    here = index, 0
    line, last = lines[index], index + 1 == len(lines)
    header = re.match(r"[ \t]*\[\[?[A-Za-z0-9_.\"' -]+\]", line)
    if not (header or re.match(r"[A-Za-z0-9_.\"'@+ \t-]+=", line) or (last and not line.strip())):
        return here
    text = "\n".join(lines[:index])
    opened: list[int] = []
    for found in re.finditer(_BRACKET, text):
        if found[0] in ("[", "{"):
            opened.append(found.start())
        elif found[0] in ("]", "}") and opened:
            opened.pop()
    # An inline table may have a key on each line.
    if not opened or (text[opened[-1]] == "{" and not header and line.strip()):
        return here
    return text.count("\n", 0, opened[-1]), opened[-1] - (text.rfind("\n", 0, opened[-1]) + 1)


def _defined_twice(line: str, column: int, said: str) -> tuple[int, int, str, str]:
    """Return the place, message and hint of a key or table that is there twice."""
    start = len(line) - len(line.lstrip())
    header = re.match(r"\[\[?([^\]]*)\]?\]?", line[start:])
    if header:
        hint = "put both under one header" if said.startswith("Cannot declare") else "one of the two has another form"
        return start, len(header[0].rstrip()), f"table [{header[1].strip()}] twice", hint
    key, equals, _ = line[start:].partition("=")
    key = key.rstrip()
    if equals and all(len(part.split()) == 1 for part in key.split(".")) and not said.startswith("Duplicate inline"):
        hint = "keep one: what both are to do can be said in one action"
        return start, len(key), f"key {key} twice in one table", hint
    name = said.partition("'")[2].rpartition("'")[0]
    if not name:  # the end of a string of several lines
        return column, 1, "key twice in one table", "keep one: this is where the second one ends"
    start = max(line.rfind(name, 0, column), 0)
    return start, len(name), f"key {name} twice in one table", "keep one"


def _in_our_words(message: str) -> tuple[str, str]:
    """Return a message of the parser in our words, with a hint."""
    hints = {
        "Expected '=' after a key": "a line is KEY = VALUE; a key of other than letters, digits, _ and - is quoted",
        "Invalid initial character for a key part": "a name of other than a-z, 0-9, _ and - is quoted",
        "Invalid value": 'a value is "a string", 15, true, [a list] or { a table }',
        "Expected newline or end": "one key on each line",
        "Unclosed array": "close it with ], and put commas between its values",
        "Unclosed inline table": "close it with }, and put commas between its keys",
        "Unterminated string": "close it with the quotes that it begins with",
        "Illegal character '\\n'": "close the string with its quote",
        'Expected "\'"': "close the string with its quote",
        "Expected ']' at the end": "close the header with ]; a name of other than a-z, 0-9, _ and - is quoted",
        "Expected ']]' at the end": "close the header with ]]; no table here has two brackets",
        "Invalid hex value": r"as in \u00e9: four digits, each from 0 to f",
        "Escaped character is not": r"as in \u00e9: the number of a character",
        "Illegal character": "remove it",
        "Found invalid character": "remove it",
        "Unescaped '\\'": r"write \\ for one backslash",
        "Invalid statement": "a line is KEY = VALUE, [TABLE] or # a comment",
    }
    hint = next((hint for start, hint in hints.items() if message.startswith(start)), "")
    if message.startswith("Illegal character '\\n'"):
        message = "string without an end"
    return message[:1].lower() + message[1:], hint
