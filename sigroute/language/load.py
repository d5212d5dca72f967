"""Load a rule file: find it, read it and all files that it is like, resolve it, and raise every error."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import attrs

from sigroute.language.read import bundled
from sigroute.language.read.parse import parse
from sigroute.language.read.problems import Mistake, Problem, RuleError, did_you_mean, quote
from sigroute.language.read.source import NO_FILE, Source, read_source
from sigroute.language.resolve.conflicts import find_conflicts
from sigroute.language.resolve.resolved import Resolved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.model import RuleFile
    from sigroute.language.read.reading import Finding, Reading

#: The longest chain of files that are each like the next. Each nests the reader once more.
DEEPEST = 32


def load(name: str | None, overrides: Sequence[str] = ()) -> Resolved:
    """Return the rules of a file, resolved.

    :param name: the name of bundled rules, or a path (whatever has a slash or is not bundled); None: no file.
    :param overrides: ``KEY=ACTION`` each, before every table of the file.
    :raises RuleError: the rules can't be used; it has every error found.
    """
    source = Source(NO_FILE, "") if name is None else _read(name, "")
    rules, reading = parse(source, _Opener(source))
    findings = reading.findings
    if overrides:
        from sigroute.language.read.overrides import read_overrides  # noqa: PLC0415 - few command lines have any

        table, found = read_overrides(overrides, rules, reading)
        rules = attrs.evolve(rules, overrides=table)
        findings = [*findings, *found]
    resolved = Resolved(rules)
    _raise([*findings, *find_conflicts(resolved)], reading)
    return resolved


def _raise(findings: Sequence[Finding], reading: Reading) -> None:
    """Raise the errors, if there are any."""
    if findings or reading.elsewhere:
        from sigroute.language.read.locate import locate  # noqa: PLC0415 - only where something is wrong

        raise RuleError((*locate(findings), *reading.elsewhere))


def _read(name: str, folder: str) -> Source:
    """Return the text of a rule file, and what to call it.

    :raises RuleError: there is no file of this name, or it can't be read.
    """
    found = bundled.source(name)
    if found is not None:
        return found
    path = os.path.join(folder, name)
    if not name or ("/" not in name and _is_missing(path)):
        hint = did_you_mean(name, bundled.names()) or f"the bundled ones are {', '.join(bundled.names())}"
        raise RuleError((Problem(name or '""', "neither bundled rules nor a file of this name", hint),))
    return read_source(path, path if folder else name)


def _is_missing(path: str) -> bool:
    """Tell whether there is no such file. ``read_source`` reports all other trouble with it."""
    try:
        os.stat(path)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


class _Opener:
    """Reads the files that ``like`` names, each once."""

    def __init__(self, source: Source) -> None:
        self.above = [source]
        """The files that are being read, each like the next; the last one is the innermost."""
        self.known: dict[tuple[int, int] | None, RuleFile] = {}
        self.failed: set[tuple[int, int] | None] = set()

    def __call__(self, name: str, source: Source) -> RuleFile:
        """Return the rules of the file that ``source`` names.

        :raises Mistake: there is no such file, or no child can be like it.
        :raises RuleError: the file has errors.
        """
        try:
            liked = _read(name, os.path.dirname(source.path) if source.path else "")
        except RuleError as error:
            problem = error.problems[0]
            message = f"{quote(problem.file)}: {problem.message}"
            raise Mistake(message, problem.hint or "a path is from the folder of this file") from None
        if liked.identity in [each.identity for each in self.above]:
            message = f"{quote(name)} leads back to this file"
            raise Mistake(message, "remove it, or take what is needed over from it")
        if len(self.above) > DEEPEST:
            message = f"over {DEEPEST} files are each like the next"
            raise Mistake(message, "take what is needed over from it")
        if liked.identity in self.failed:
            raise RuleError(())  # its errors have been reported
        if liked.identity not in self.known:
            self.known[liked.identity] = self._read(liked)
        rules = self.known[liked.identity]
        if len(rules.children) > 1:
            names = ", ".join(child.name for child in rules.children[:8])
            message = f"{quote(name)} has {len(rules.children)} children"
            raise Mistake(message, f"a child can be like a file with one at most, not {names}")
        return rules

    def _read(self, source: Source) -> RuleFile:
        self.above.append(source)
        try:
            rules, reading = parse(source, self)
            _raise(reading.findings, reading)
        except RuleError:
            self.failed.add(source.identity)
            raise
        finally:
            self.above.pop()
        return rules
