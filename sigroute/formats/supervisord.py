"""A supervisord.conf as rules: each key that has a counterpart, and a comment for each that has none.

What the keys mean is in supervisord's own documentation, "Configuration File" (supervisord.org).
"""

from __future__ import annotations

import configparser
import re
from typing import TYPE_CHECKING

from sigroute.formats.draft import FormatError, Table, free_name
from sigroute.formats.expansions import Expansions
from sigroute.formats.program import Group, environment, program_of, take_umask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.formats.program import Program

#: Sections and keys that belong to supervisord itself and say nothing about the programs.
NOTHING = ("unix_http_server", "inet_http_server", "supervisorctl", "rpcinterface:")
ITS_OWN = frozenset((
    "nodaemon", "logfile", "logfile_maxbytes", "logfile_backups", "loglevel", "pidfile", "childlogdir", "silent",
    "identifier", "nocleanup", "strip_ansi", "directory", "minprocs", "minfds",
))  # fmt: skip

ENDS = "supervisord goes on when all its programs have ended; sigroute ends then"
ORDER = "priority has become needs: what needs one that can't be started is not started; under supervisord it is"


def tables_of(text: str, name: str) -> list[Table]:
    """Return the rules.

    :param name: the file's, for messages.
    :raises FormatError: it is no such file.
    """
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    try:
        parser.read_string(text, name)
    except configparser.Error as error:
        raise FormatError(str(error).replace("\n", " ")) from error
    sections = [(kind, own.strip(), dict(parser.items(section))) for section, kind, own in _sections(parser)]
    top = Table(())
    groups = _groups(sections, top)
    programs: dict[str, Program] = {}
    for kind, own, keys in sections:
        if kind == "program" and own:
            called = free_name(own, {program.child.header[1] for program in programs.values()})
            programs[own] = program_of(own, called, keys, groups.get(own, Group(own, None)))
        elif kind == "supervisord":
            _itself(top, keys)
    _order([program for program in programs.values() if not program.is_on_demand], top)
    tables = [table for program in programs.values() for table in (program.child, program.on)]
    return [top, *tables, Table(("exit",), {"when": "all"}, [ENDS])]


def _sections(parser: configparser.RawConfigParser) -> Iterator[tuple[str, str, str]]:
    for section in parser.sections():
        kind, _, own = section.partition(":")
        yield section, kind.strip(), own


def _groups(sections: list[tuple[str, str, dict[str, str]]], top: Table) -> dict[str, Group]:
    """Return the groups by the names of their programs; say which sections have no counterpart."""
    found = {}
    for kind, own, keys in sections:
        if kind == "group":
            priority = keys.get("priority", "999")
            group = Group(own, int(priority) if re.fullmatch(r"-?\d+", priority) else 999)
            found.update({each.strip(): group for each in keys.get("programs", "").split(",")})
        elif kind not in ("program", "supervisord") and not f"{kind}:".startswith(NOTHING):
            top.comments.append(f"[{kind}{':' * bool(own)}{own}] has no counterpart")
    return found


def _itself(top: Table, keys: dict[str, str]) -> None:
    """Take what [supervisord] says for all programs."""
    expand = Expansions(top.comments.append)
    if keys.get("user"):
        top.keys["user"] = expand.text(keys["user"])
    take_umask(top, keys)
    variables = environment(keys, expand)
    if variables:
        top.keys["env"] = dict(variables)
    for key, value in keys.items():
        if key not in ITS_OWN | {"user", "umask", "environment"}:
            top.comments.append(f"{key} = {value} has no counterpart")


def _order(programs: list[Program], top: Table) -> None:
    """Have those of a lower priority start first, and end last."""
    levels = sorted({program.priority for program in programs})
    for program in programs:
        level = levels.index(program.priority)
        if level:
            earlier = [each.child.header[1] for each in programs if each.priority == levels[level - 1]]
            program.child.keys["needs"] = list(earlier)
    if len(levels) > 1:
        top.comments.append(ORDER)
