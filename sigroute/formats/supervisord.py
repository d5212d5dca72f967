"""A supervisord.conf as rules: each key that has a counterpart, and a comment for each that has none.

What the keys mean is in supervisord's own documentation, "Configuration File" (supervisord.org).
"""

from __future__ import annotations

import configparser
import re
import shlex
from typing import TYPE_CHECKING

from sigroute.formats.draft import FormatError, Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.formats.draft import Value

#: Sections and keys that belong to supervisord itself and say nothing about the programs.
NOTHING = ("unix_http_server", "inet_http_server", "supervisorctl", "rpcinterface:", "group:")
ITS_OWN = frozenset((
    "nodaemon", "logfile", "logfile_maxbytes", "logfile_backups", "loglevel", "pidfile", "childlogdir", "silent",
    "identifier", "nocleanup", "strip_ansi", "directory", "minprocs", "minfds",
))  # fmt: skip

_EXPANSION = re.compile(r"%\((\w+)\)([sd]|0\d+d)|%%")

STOP_WAIT = 10
START_RETRIES = 3


def tables_of(text: str, name: str) -> list[Table]:
    """Return the rules.

    :param name: the file's, for messages.
    :raises FormatError: it is no such file.
    """
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", " #"))
    try:
        parser.read_string(text, name)
    except configparser.Error as error:
        raise FormatError(str(error).replace("\n", " ")) from error
    top = Table(())
    programs = {}
    for section in parser.sections():
        kind, _, own = section.partition(":")
        keys = dict(parser.items(section))
        if kind == "program" and own:
            programs[own] = _Program(own, keys)
        elif kind == "supervisord":
            _itself(top, keys)
        elif not section.startswith(NOTHING):
            top.comments.append(f"[{section}] has no counterpart")
    _order(list(programs.values()))
    tables = [table for program in programs.values() for table in program.tables()]
    return [
        top,
        *tables,
        Table(("exit",), {"when": "all"}, ["supervisord itself goes on when its programs have ended"]),
    ]


def _itself(top: Table, keys: dict[str, str]) -> None:
    """Take what [supervisord] says for all programs."""
    for key, value in keys.items():
        if key == "user":
            top.keys["user"] = value
        elif key == "umask":
            top.keys["umask"] = f"{value:0>3}"
        elif key == "environment":
            top.keys["env"] = environment(value)
        elif key not in ITS_OWN:
            top.comments.append(f"{key} = {value} has no counterpart")


def _order(programs: list[_Program]) -> None:
    """Have those of a lower priority start first, and end last."""
    levels = sorted({program.priority for program in programs if not program.on_demand})
    for program in programs:
        before = [level for level in levels if level < program.priority]
        if before and not program.on_demand:
            earlier = [each.name for each in programs if each.priority == before[-1] and not each.on_demand]
            program.child.keys["needs"] = list(earlier)


class _Program:
    """One program."""

    def __init__(self, name: str, keys: dict[str, str]) -> None:
        self.name = name
        self.keys = keys
        self.child = Table(("child", name))
        self.on = Table(("child", name, "on"))
        self.priority = int(keys["priority"]) if keys.get("priority", "").isdigit() else 999
        self.on_demand = keys.get("autostart", "true").lower() in ("false", "no", "off", "0")
        self._convert()

    def tables(self) -> list[Table]:
        """Return its tables."""
        if self.on_demand:
            self.child.omitted = self.on.omitted = True
            self.child.comments.insert(0, "autostart = false: nothing is started on demand yet")
        return [self.child, self.on]

    def _text(self, value: str) -> str:
        """Return a value with variables in place of supervisord's expansions."""

        def expanded(match: re.Match[str]) -> str:
            if match[0] == "%%":
                return "%"
            if match[1].startswith("ENV_"):
                return "${" + match[1].removeprefix("ENV_") + "}"
            if match[1] == "process_num":
                self._say("%(process_num)d counts from 0, and ${INSTANCE} from 1")
                return "${INSTANCE}"
            if match[1] in ("program_name", "group_name"):
                return self.name
            self._say(f"{match[0]} has no counterpart")
            return match[0]

        return _EXPANSION.sub(expanded, value.replace("${", "$${"))

    def _say(self, comment: str) -> None:
        if comment not in self.child.comments:
            self.child.comments.append(comment)

    def _convert(self) -> None:
        command = self._text(self.keys.get("command", ""))
        try:
            self.child.keys["command"] = shlex.split(command) or ["false"]
        except ValueError:
            self.child.keys["command"] = ["sh", "-c", command]
        if not command:
            self._say("it has no command")
        known: dict[str, Callable[[str], None]] = {
            "directory": self._directory, "user": self._set("user"), "environment": self._environment,
            "umask": self._umask, "numprocs": self._numprocs, "stdout_logfile": self._output,
        }  # fmt: skip
        for key, value in self.keys.items():
            if key in known:
                known[key](value)
            elif key not in _ELSEWHERE:
                self._say(f"{key} = {value} has no counterpart")
        self._restart()
        self._stop()

    def _set(self, key: str) -> Callable[[str], None]:
        def put(value: str) -> None:
            self.child.keys[key] = self._text(value)

        return put

    def _directory(self, value: str) -> None:
        if value.startswith(("/", "%(ENV_")):
            self.child.keys["cwd"] = self._text(value)
        else:
            self._say(f"directory = {value}: write it from the root, as cwd")

    def _environment(self, value: str) -> None:
        self.child.keys["env"] = {key: self._text(str(each)) for key, each in environment(value).items()}

    def _umask(self, value: str) -> None:
        self.child.keys["umask"] = f"{value:0>3}"

    def _numprocs(self, value: str) -> None:
        if value.isdigit() and int(value) > 1:
            self.child.keys["instances"] = int(value)

    def _output(self, value: str) -> None:
        if value in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "syslog", "AUTO"):
            return
        if value == "NONE":
            self.child.keys["output"] = "null"
        elif value.startswith("/"):
            self.child.keys["output"] = self._text(value)
            self._say('nothing rotates its output: a task with every = "24h" can run logrotate')
        errors = self.keys.get("stderr_logfile", value)
        if errors != value and self.keys.get("redirect_stderr", "false").lower() != "true":
            self._say(f"stderr_logfile = {errors}: standard error goes where standard output goes")

    def _restart(self) -> None:
        how = self.keys.get("autorestart", "unexpected").lower()
        if how in ("false", "no", "off", "0"):
            return
        codes = [int(code) for code in self.keys.get("exitcodes", "0").split(",") if code.strip().isdigit()]
        retries = self.keys.get("startretries", str(START_RETRIES))
        restart: dict[str, Value] = {"unless": codes if how == "unexpected" else []}
        restart["attempts"] = (int(retries) if retries.isdigit() else START_RETRIES) + 1
        seconds = self.keys.get("startsecs", "1")
        if seconds.isdigit() and int(seconds):
            restart["stable"] = f"{int(seconds)}s"
        self.child.keys["restart"] = restart

    def _stop(self) -> None:
        signal = self.keys.get("stopsignal", "TERM").upper().removeprefix("SIG").split(",")[0].strip()
        wait = self.keys.get("stopwaitsecs", "")
        send = f"{signal} {int(wait) if wait.isdigit() else STOP_WAIT}s KILL"
        as_group = self.keys.get("stopasgroup", "false").lower() in ("true", "yes", "on", "1")
        self.on.keys["stop"] = {"send": send, "scope": "process-group"} if as_group else send


_ELSEWHERE = frozenset((
    "command", "priority", "autostart", "autorestart", "exitcodes", "startretries", "startsecs", "stopsignal",
    "stopwaitsecs", "stopasgroup", "killasgroup", "redirect_stderr", "stderr_logfile", "stdout_logfile_maxbytes",
    "stderr_logfile_maxbytes", "stdout_logfile_backups", "stderr_logfile_backups", "process_name",
    "stdout_capture_maxbytes", "stderr_capture_maxbytes", "stdout_events_enabled", "stderr_events_enabled",
))  # fmt: skip
"""Keys that are taken together with another, or say nothing without supervisord."""


def environment(text: str) -> dict[str, Value]:
    """Return variables, from ``KEY="value",KEY2=value``."""
    found: dict[str, Value] = {}
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = ",\n", True, ""
    for each in lexer:
        name, equals, value = each.strip().partition("=")
        if equals:
            found[name.strip()] = value
    return found
