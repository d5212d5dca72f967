"""A program of a supervisord.conf as a child."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import attrs

from sigroute.formats.draft import Table
from sigroute.formats.expansions import Expansions, env
from sigroute.language import Mistake, parse_signal
from sigroute.pid1.names import name_of

if TYPE_CHECKING:
    from sigroute.formats.draft import Value

TRUE, FALSE = frozenset(("true", "yes", "on", "1")), frozenset(("false", "no", "off", "0"))

#: supervisord's own defaults.
PRIORITY, STOP_WAIT, START_RETRIES, START_SECONDS = "999", "10", "3", "1"

HIGHEST_CODE = 255

#: Where the output goes to the container's log anyway.
STANDARD = re.compile(r"/dev/(stdout|stderr|fd/[12])|/proc/(self|1)/fd/[12]|(?i:syslog|auto)")

#: Keys that are taken together with another, or say nothing without supervisord.
ELSEWHERE = frozenset((
    "command", "priority", "autostart", "autorestart", "exitcodes", "startretries", "startsecs", "stopsignal",
    "stopwaitsecs", "stopasgroup", "killasgroup", "redirect_stderr", "stdout_logfile", "stderr_logfile",
    "stdout_logfile_maxbytes", "stderr_logfile_maxbytes", "stdout_logfile_backups", "stderr_logfile_backups",
    "process_name", "stdout_capture_maxbytes", "stderr_capture_maxbytes", "stdout_events_enabled",
    "stderr_events_enabled", "directory", "user", "environment", "umask", "numprocs", "numprocs_start",
))  # fmt: skip


@attrs.define
class Program:
    """One program, and the tables that are made of it."""

    child: Table
    on: Table
    keys: dict[str, str]
    priority: tuple[int, int] = (0, 0)
    """Its group's, then its own: those of a lower one start first."""

    @property
    def is_on_demand(self) -> bool:
        """Whether supervisord starts it only when somebody asks for it."""
        return self.keys.get("autostart", "").lower() in FALSE

    def say(self, comment: str) -> None:
        """Add a comment above the child."""
        if comment not in self.child.comments:
            self.child.comments.append(comment)

    def number(self, key: str, default: str) -> str:
        """Return a number of the file, or its variable."""
        value = self.keys.get(key, default)
        variable = env(value)
        if variable:
            return f"${{{variable}}}"
        if value.isdecimal():
            return str(int(value))
        self.say(f"{key} = {value} has no counterpart")
        return default

    def is_set(self, key: str) -> bool:
        """Tell whether a switch is on; by default they all are off."""
        value = self.keys.get(key, "false")
        if value.lower() not in TRUE | FALSE:
            self.say(f"{key} = {value} has no counterpart")
        return value.lower() in TRUE


@attrs.frozen
class Group:
    """A group of programs."""

    name: str
    priority: int | None
    """None: that of each program."""


def program_of(name: str, own: str, keys: dict[str, str], group: Group) -> Program:
    """Return a program, with its tables.

    :param own: what it is called in the rules.
    """
    program = Program(Table(("child", own)), Table(("child", own, "on")), keys)
    if own != name:
        program.say(f"supervisord calls it {name}")
    _priority(program, group)
    count, first = program.number("numprocs", "1"), keys.get("numprocs_start", "0")
    number = None if count != "1" else int(first) if first.isdecimal() else 0
    expand = Expansions(program.say, {"program_name": name, "group_name": group.name}, number, first)
    variables = environment(keys, expand)
    expand.names |= {f"ENV_{each}": value for each, value in variables.items()}
    _command(program, expand)
    if number is None:
        program.child.keys["instances"] = int(count) if count.isdecimal() else count
    if variables:
        program.child.keys["env"] = dict(variables)
    for key, value in keys.items():
        if key not in ELSEWHERE:
            program.say(f"{key} = {value} has no counterpart")
    _world(program, expand)
    _output(program, expand)
    _restart(program)
    _stop(program)
    if program.is_on_demand:
        program.child.omitted = program.on.omitted = True
        program.child.comments.insert(0, "autostart = false: nothing is started on demand yet")
    return program


def _priority(program: Program, group: Group) -> None:
    value = program.keys.get("priority", PRIORITY)
    if not re.fullmatch(r"-?\d+", value):
        program.say(f"priority = {value} has no counterpart")
        value = PRIORITY
    program.priority = (int(value) if group.priority is None else group.priority, int(value))


def _command(program: Program, expand: Expansions) -> None:
    words = expand.words(program.keys.get("command", ""))
    program.child.keys["command"] = words if any(words[:1]) else ["false"]
    if not any(words[:1]):
        program.say("it has no command")
    if words[:1] and words[0].rpartition("/")[2] == "pidproxy":
        program.say("pidproxy is supervisord's own: run the program itself, in the foreground")
    started = program.keys.get("autostart", "true")
    variable = env(started)
    if variable:
        program.child.keys["only-if"] = variable
    elif started.lower() not in TRUE | FALSE:
        program.say(f"autostart = {started} has no counterpart")


def _world(program: Program, expand: Expansions) -> None:
    keys = program.keys
    for key, to in (("directory", "cwd"), ("user", "user")):
        value = expand.text(keys.get(key, ""))
        if key == "directory" and value and not value.startswith(("/", "${")):
            program.say(f"directory = {keys[key]}: write it from the root, as cwd")
        elif value:
            program.child.keys[to] = value
    take_umask(program.child, keys)


def take_umask(table: Table, keys: dict[str, str]) -> None:
    """Put ``umask`` into a table."""
    value = keys.get("umask", "")
    if re.fullmatch(r"0*[0-7]{1,3}", value):
        table.keys["umask"] = f"{int(value, 8):03o}"
    elif value:
        table.comments.append(f"umask = {value} has no counterpart")


def environment(keys: dict[str, str], expand: Expansions) -> dict[str, str]:
    """Return the variables of ``environment``: KEY="value",KEY2=value."""
    text = keys.get("environment", "")
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = ",\n", True, ""
    try:
        pairs = [each.strip().partition("=") for each in lexer]
    except ValueError as error:
        expand.say(f"environment = {text} can't be read: {str(error).lower()}")
        return {}
    return {name.strip(): expand.text(value) for name, equals, value in pairs if equals}


def _output(program: Program, expand: Expansions) -> None:
    keys, child = program.keys, program.child
    value, errors = keys.get("stdout_logfile", "AUTO"), keys.get("stderr_logfile", "AUTO")
    is_standard, redirects = STANDARD.fullmatch(value) is not None, program.is_set("redirect_stderr")
    to = expand.text(value)
    if value.lower() in {"none", "off"}:
        child.keys["output"] = "null"
    elif not is_standard and not to.startswith(("/", "${")):
        program.say(f"stdout_logfile = {value}: write it from the root, as output")
    elif not is_standard:
        child.keys["output"] = to
        if not to.startswith(("/dev/", "/proc/")):
            program.say('nothing rotates this file: a task with every = "24h" can run logrotate, with copytruncate')
        if keys.get("user", "root") != "root":
            program.say(
                f"sigroute opens {to} as {keys['user']}, and supervisord as root: {keys['user']} must be able to"
            )
    both_standard = is_standard and STANDARD.fullmatch(errors) is not None
    if "stderr_logfile" in keys and errors != value and not (both_standard or redirects):
        program.say(f"stderr_logfile = {errors}: standard error goes where standard output goes")


def _restart(program: Program) -> None:
    how = program.keys.get("autorestart", "unexpected").lower()
    if how in FALSE:
        given = {key: program.keys[key] for key in ("startretries", "startsecs") if key in program.keys}
        if "0" not in given.values():  # else supervisord starts it once, too
            for key, value in given.items():
                program.say(f"{key} = {value} has no counterpart without a restart")
        return
    if how != "unexpected" and how not in TRUE:
        program.say(f"autorestart = {how} has no counterpart")
    codes = [code.strip() for code in program.keys.get("exitcodes", "0").split(",")]
    if not all(code.isdecimal() and int(code) <= HIGHEST_CODE for code in codes):
        program.say(f"exitcodes = {program.keys['exitcodes']} has no counterpart")
        codes = ["0"]
    restart: dict[str, Value] = {"unless": [] if how in TRUE else [*dict.fromkeys(map(int, codes))]}
    seconds = program.number("startsecs", START_SECONDS)
    if seconds != "0":  # else every start succeeds, and supervisord never gives it up
        retries = program.number("startretries", START_RETRIES)
        if not retries.isdecimal():
            program.say(f"startretries = {program.keys['startretries']} has no counterpart")
            retries = START_RETRIES
        restart |= {"attempts": int(retries) + 1, "stable": f"{seconds}s"}
    program.child.keys["restart"] = restart


def _stop(program: Program) -> None:
    signal = program.keys.get("stopsignal", "TERM").upper().removeprefix("SIG")
    try:
        signal = name_of(parse_signal(signal))
    except Mistake:
        program.say(f"stopsignal = {program.keys['stopsignal']} has no counterpart")
        signal = "TERM"
    wait = program.number("stopwaitsecs", STOP_WAIT)
    send = signal if signal == "KILL" else f"{signal} {wait}s KILL"
    as_group = program.is_set("stopasgroup")
    program.on.keys["stop"] = {"send": send, "scope": "process-group"} if as_group else send
