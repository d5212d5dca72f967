"""Readers of the keys of order, readiness, restarts and tasks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sigroute.language.read.durations import is_meant_as_duration, is_no_time
from sigroute.language.read.entries import read_table
from sigroute.language.read.keys import Reader, read_keys
from sigroute.language.read.lifecycle import AT, RESTARTS, Alive, Ready, Restart
from sigroute.language.read.problems import did_you_mean, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.values import (
    HIGHEST_CODE,
    format_number,
    listed,
    read_choice,
    read_command,
    read_duration,
    read_names,
)
from sigroute.language.read.variables import read_variables
from sigroute.language.read.world_values import read_absolute

if TYPE_CHECKING:
    from sigroute.language.read.actions import Table
    from sigroute.language.read.lifecycle import Task
    from sigroute.language.read.path import Path

_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
HIGHEST_PORT = 65_535

#: The keys that make a child ready: there is one of them.
WAYS = ("listen", "notify", "fd", "file", "run")

#: Below are the standard ones. The usual limit on open files is 1024 (RLIMIT_NOFILE, getrlimit(2)).
LOWEST_DESCRIPTOR, HIGHEST_DESCRIPTOR = 3, 1023


def read_needs(reading: Reading, path: Path, value: object) -> tuple[str, ...]:
    """Return the children, tasks and groups that are needed."""
    if value == []:
        return ()
    names = read_names(reading, path, value, "a child, task or @group")
    known = (*reading.waitable, *reading.tasks)
    for here, name in names:
        if name in reading.end_tasks:
            hint = "it is started when all others have exited: nobody can wait for it"
            reading.report(here, f'task {quote(name)} has at = "end"', hint)
        elif name not in known:
            what = "group" if name.startswith("@") else "child or task"
            hint = f"did you mean @{name}?" if f"@{name}" in known else did_you_mean(name, known)
            reading.report(here, f"unknown {what} {quote(name)}", hint or listed(known, "there are"))
    return tuple(name for _, name in names if name in known and name not in reading.end_tasks)


def read_ready(reading: Reading, path: Path, value: object) -> Ready:
    """Return when a child is ready."""
    if not isinstance(value, dict):
        if not isinstance(value, str):
            hint = 'as in "5s", { listen = "127.0.0.1:80" } or { run = ["pg_isready"] }'
            reading.report(path, f"{kind_of(value)} where a duration or a table belongs", hint)
            return Ready(after=0)
        return Ready(after=read_duration(reading, path, value))
    count = len(reading.findings)
    ready = read_keys(reading, path, value, Ready, READERS, {"after": None})
    wrong = len(reading.findings) > count
    ways = [name for name in WAYS if name in value]
    if not ways and not wrong:
        hint = 'as in listen = "127.0.0.1:80"; a time alone is written ready = "5s"'
        reading.report(path, "nothing that makes it ready", hint)
    elif len(ways) > 1:
        reading.report((*path, ways[1]), f"{ways[1]} beside {ways[0]}", "one of them makes it ready", on_key=True)
    for name in ("every", "timeout"):
        if name in value and "run" not in value and not wrong:
            reading.report((*path, name), f"{name} without run", "it is for a command", on_key=True)
    if not wrong:
        _check_times(reading, path, value, ready)
    return ready


def _check_times(reading: Reading, path: Path, value: dict[str, object], made: Ready | Alive) -> None:
    """Report times of probes that are none."""
    for name in ("within", "timeout"):
        if name in value and is_no_time(getattr(made, name)):
            reading.report((*path, name), "no time at all", "write how long it may take")
    if "every" in value and is_no_time(made.every):
        reading.report((*path, "every"), "no time between two probes", 'as in "1s"')


def read_alive(reading: Reading, path: Path, value: object) -> Alive:
    """Return how it is found out whether a child is well."""
    if not isinstance(value, dict):
        hint = 'a table, as in { run = ["curl", "-f", "http://127.0.0.1/"], every = "30s" }'
        reading.report(path, f"{kind_of(value)} where a table belongs", hint)
        return Alive()
    count = len(reading.findings)
    alive = read_keys(reading, path, value, Alive, READERS, {})
    if len(reading.findings) == count:
        if "run" not in value:
            hint = 'as in run = ["curl", "-f", "http://127.0.0.1/"]'
            reading.report(path, "nothing that tells whether it is well", hint)
        _check_times(reading, path, value, alive)
    return alive


def read_failures(reading: Reading, path: Path, value: object) -> int:
    """Return after how many failures a child has failed."""
    if type(value) is int and value > 0:
        return value
    what = f"{format_number(value)} failures" if type(value) is int else f"{kind_of(value)} where a number belongs"
    reading.report(path, what, "how many in a row, as in 3")
    return Alive().failures


def read_listen(reading: Reading, path: Path, value: object) -> str | None:
    """Return an address: host and port, or the path of a socket."""
    if not isinstance(value, str):
        hint = f'write it as a string: "0.0.0.0:{value}"' if type(value) is int else 'as in "127.0.0.1:80"'
        reading.report(path, f"{kind_of(value)} where an address belongs", hint)
        return None
    text = read_variables(reading, path, value)
    if text is not None:
        _check_address(reading, path, text)
    return value


def _check_address(reading: Reading, path: Path, text: str) -> None:
    """Report an address that the kernel's tables can't have."""
    if text.startswith("/"):
        return
    host, colon, port = text.rpartition(":")
    if not colon and "/" in text:
        reading.report(path, f"{quote(text)} is no absolute path", 'write it from the root, as in "/run/app.sock"')
    elif not _PORT.fullmatch(port) or not 0 < int(port) <= HIGHEST_PORT:
        hint = 'an address and a port, as in "127.0.0.1:80", or the path of a socket'
        reading.report(path, f"{quote(text)} has no port", hint)
    elif not host or host == "*":
        reading.report(path, f"{quote(text)} has no address", f'for any address: "0.0.0.0:{port}"')
    elif not _is_numeric(host):
        hint = f'names are not looked up: "127.0.0.1:{port}"'
        if ":" in host and not host.startswith("["):
            hint = f'an IPv6 address is in brackets: "[{host}]:{port}"'
        reading.report(path, f"{quote(host)} is no numeric address", hint)


def _is_numeric(host: str) -> bool:
    import ipaddress  # noqa: PLC0415 - few files have an address

    try:
        if host.startswith("[") and host.endswith("]"):
            return "%" not in host and bool(ipaddress.IPv6Address(host[1:-1]))
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False


def read_notify(reading: Reading, path: Path, value: object) -> bool:
    """Return true: there is nothing to switch off."""
    if value is not True:
        shown = "false" if value is False else kind_of(value)
        reading.report(path, f"{shown} where only true has a meaning", "write notify = true, or leave it out")
    return True


def read_descriptor(reading: Reading, path: Path, value: object) -> int:
    """Return the number of a descriptor that is free for this."""
    if type(value) is not int:
        reading.report(path, f"{kind_of(value)} where a number belongs", "the number of a descriptor, as in 3")
    elif value < LOWEST_DESCRIPTOR:
        what = "is standard input, output or error" if value >= 0 else "is no descriptor"
        reading.report(path, f"{format_number(value)} {what}", "a number from 3, as s6's notification-fd")
    elif value > HIGHEST_DESCRIPTOR:
        hint = f"{HIGHEST_DESCRIPTOR} is the highest: a process may have 1024 open files, as a rule"
        reading.report(path, f"{format_number(value)} is too high for a descriptor", hint)
    else:
        return value
    return LOWEST_DESCRIPTOR


def read_restart(reading: Reading, path: Path, value: object) -> Restart | str:
    """Return whether a child is started again: a word of RESTARTS, or a table."""
    if isinstance(value, dict):
        return read_keys(reading, path, value, Restart, READERS, {})
    if isinstance(value, bool):
        reading.report(path, f"{kind_of(value)} where a word belongs", 'write "always" or "never"')
        return "never"
    return read_choice(reading, path, value, tuple(RESTARTS))


def read_unless(reading: Reading, path: Path, value: object) -> tuple[int, ...]:
    """Return exit codes."""
    codes = value if isinstance(value, list) else [value]
    found: list[int] = []
    for index, code in enumerate(codes):
        here = (*path, index) if isinstance(value, list) else path
        if type(code) is not int or not 0 <= code <= HIGHEST_CODE:
            shown = quote(code) if isinstance(code, str) else kind_of(code)
            shown = format_number(code) if isinstance(code, (int, float)) and not isinstance(code, bool) else shown
            reading.report(here, f"{shown} is no exit code", f"a code is a number from 0 to {HIGHEST_CODE}")
        elif code in found:
            reading.report(here, f"code {code} twice", "remove one")
        else:
            found.append(code)
    return tuple(found)


def read_waits(reading: Reading, path: Path, value: object) -> tuple[int, ...]:
    """Return durations, from a string with one or several."""
    if not isinstance(value, str) or "${" in value:
        return (read_duration(reading, path, value) or 0,)
    words = value.split()
    for word in words:
        if not is_meant_as_duration(word):
            hint = "only durations stand here: a signal is sent by a rule"
            reading.report(path, f"{quote(word)} among durations", hint, start=value.index(word), length=len(word))
            return (0,)
    return tuple(read_duration(reading, path, word) or 0 for word in words or [value])


def read_attempts(reading: Reading, path: Path, value: object) -> int | None:
    """Return a number of starts."""
    if type(value) is int and value > 0:
        return value
    if type(value) is int:
        hint = 'the first start is one of them; restart = "never" is attempts = 1'
        reading.report(path, f"{format_number(value)} attempts", hint)
    else:
        reading.report(path, f"{kind_of(value)} where a number belongs", "how many starts in a row, as in 5")
    return None


def read_flag(reading: Reading, path: Path, value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        reading.report(path, f"{kind_of(value)} where true or false belongs", "write it without quotes")
    return value is True


def read_at(reading: Reading, path: Path, value: object) -> str:
    """Return when a task is started."""
    if isinstance(value, str) and re.fullmatch(r"[\d*/, :-]+", value):
        hint = 'there is no calendar: every = "24h" repeats the task; for a time of day run crond as a child'
        reading.report(path, f"{quote(value)} is neither start nor end", hint)
        return AT[0]
    return read_choice(reading, path, value, AT)


def read_task_on(reading: Reading, path: Path, value: object) -> Table:
    """Return the rules of a task: for stop signals."""
    table = read_table(reading, path, value, task=True)
    for entry in table.entries:
        if not any(reading.signals.has("stop", each, "outside") for each in entry.key.signals):
            hint = "only stop and signals of that class reach a task"
            reading.report(entry.path, f"{entry.path[-1]} for a task", hint, on_key=True)
    return table


READERS: dict[str, Reader] = {
    "listen": read_listen,
    "notify": read_notify,
    "descriptor": read_descriptor,
    "absolute": read_absolute,
    "command": read_command,
    "duration": read_duration,
    "exit-codes": read_unless,
    "waits": read_waits,
    "count": read_attempts,
    "failures": read_failures,
}
"""By kind of key, of ``ready``, ``alive`` and ``restart``."""


def check_task(reading: Reading, path: Path, value: dict[str, object], task: Task) -> None:
    """Report keys of a task that do not fit together, and times that are none."""
    told = {finding.path for finding in reading.findings}
    if "command" not in value:
        reading.report(path, "task without a command", 'as in command = ["migrate"]', on_key=True, where=path)
    if value.get("at") == "end":
        for name in ("needs", "on", "every", "restart"):
            if name in value:
                hint = "such a task is started once, when all others have exited"
                reading.report((*path, name), f'{name} beside at = "end"', hint, on_key=True)
    if is_no_time(task.every) and (*path, "every") not in told:
        reading.report((*path, "every"), "no time between two runs", 'as in "5m"')
    if is_no_time(task.timeout) and (*path, "timeout") not in told:
        reading.report((*path, "timeout"), "no time for a task", "write how long it may take")
    if value.get("restart") == "always":
        hint = 'a task ends: "on-failure" tries it again, every = "1h" repeats it'
        reading.report((*path, "restart"), '"always" for a task', hint)
