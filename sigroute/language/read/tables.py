"""Readers of all tables of a rule file but signal tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sigroute.language.read.conditions import read_conditions
from sigroute.language.read.entries import read_table
from sigroute.language.read.instances import check_instances, read_instances
from sigroute.language.read.keys import Reader, read_keys
from sigroute.language.read.lifecycle import Task
from sigroute.language.read.lifecycle_values import (
    check_task,
    read_alive,
    read_at,
    read_flag,
    read_needs,
    read_ready,
    read_restart,
    read_task_on,
)
from sigroute.language.read.model import EXITED, TERMINAL, Child, Control, Drain, Exit, Group, Journal
from sigroute.language.read.path import Path, format_path
from sigroute.language.read.problems import did_you_mean, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.values import (
    check_name,
    read_child,
    read_choice,
    read_codes,
    read_command,
    read_duration,
    read_groups,
    read_programs,
    read_when,
)
from sigroute.language.read.watch import read_watch
from sigroute.language.read.world_values import (
    read_absolute,
    read_env,
    read_env_file,
    read_extra_groups,
    read_limits,
    read_nice,
    read_output,
    read_plain_path,
    read_socket_path,
    read_umask,
    read_user,
)

if TYPE_CHECKING:
    from sigroute.language.read.actions import Table


def read_children(reading: Reading, path: Path, value: object) -> tuple[Child, ...]:
    """Return the children, in the order of the file."""
    children = []
    for name, table in _named(reading, path, value, "child"):
        here = (*path, name)
        liked = reading.liked.get(here)
        children.append(read_keys(reading, here, table, Child, READERS, {"name": name, "path": here, "liked": liked}))
    check_instances(reading, children)
    waiting = [child for child in children if not child.command]
    for child in waiting[1:]:
        message = f"{format_path(child.path)} waits for the command line, as {format_path(waiting[0].path)} does"
        hint = "only one may be without a command: give it command = [...]"
        reading.report(child.path, message, hint, on_key=True, where=())
    return tuple(children)


def read_tasks(reading: Reading, path: Path, value: object) -> tuple[Task, ...]:
    """Return the tasks, in the order of the file."""
    tasks = []
    for name, table in _named(reading, path, value, "task"):
        here = (*path, name)
        count = len(reading.findings)
        task = read_keys(reading, here, table, Task, READERS, {"name": name, "path": here})
        tasks.append(task)
        check_task(reading, here, table if count == len(reading.findings) else {"command": None, **table}, task)
        if name in reading.children:
            message = f"{quote(name)} is a child and a task"
            reading.report(here, message, "they share their names: rename one of them", on_key=True, where=())
    return tuple(tasks)


def read_group_tables(reading: Reading, path: Path, value: object) -> tuple[Group, ...]:
    """Return the groups that have rules."""
    groups = []
    for name, table in _named(reading, path, value, "group"):
        here = (*path, name)
        groups.append(read_keys(reading, here, table, Group, READERS, {"name": name}))
        if name not in reading.members:
            hint = did_you_mean(name, list(reading.members)) or f"put a child into it: groups = [{quote(name)}]"
            reading.report(here, "group without members", hint, on_key=True, where=here)
    return tuple(groups)


def _named(reading: Reading, path: Path, value: object, what: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables within ``[child]``, ``[task]`` or ``[group]``, by name."""
    if not isinstance(value, dict):
        hint = f"each {what} has its own: [{what}.NAME]"
        reading.report(path, f"{kind_of(value)} where tables belong", hint)
        return []
    found = []
    for name, table in value.items():
        here = (*path, name)
        if isinstance(table, dict):
            check_name(reading, here, name, what, on_key=True)
            found.append((name, table))
        else:
            hint = f"a {what} has a name: write it under [{what}.NAME]"
            reading.report(here, f"{kind_of(table)} where a {what}'s table belongs", hint, on_key=True)
    return found


def _read_like(reading: Reading, path: Path, value: object) -> str | None:
    if isinstance(value, str):
        return value
    hint = "the name of bundled rules, or a rule file's path"
    reading.report(path, f"{kind_of(value)} where a string belongs", hint)
    return None


def _read_exited(reading: Reading, path: Path, value: object) -> str:
    return read_choice(reading, path, value, EXITED)


def _read_terminal(reading: Reading, path: Path, value: object) -> str:
    return read_choice(reading, path, value, TERMINAL)


def _read_starting(reading: Reading, path: Path, value: object) -> Table:
    return read_table(reading, path, value, starting=True)


def _read_exit(reading: Reading, path: Path, value: object) -> Exit:
    return read_keys(reading, path, value, Exit, READERS, {})


def _read_drain(reading: Reading, path: Path, value: object) -> Drain:
    return read_keys(reading, path, value, Drain, READERS, {})


def _read_journal(reading: Reading, path: Path, value: object) -> Journal:
    made = read_keys(reading, path, value, Journal, READERS, {})
    if isinstance(value, dict) and "path" not in value:
        reading.report(path, "a journal without a path", 'name its file: path = "/var/log/sigroute.jsonl"')
    return made


def _read_control(reading: Reading, path: Path, value: object) -> Control:
    made = read_keys(reading, path, value, Control, READERS, {})
    if isinstance(value, dict) and "path" not in value:
        reading.report(path, "a control socket without a path", 'name it: path = "/run/sigroute.sock"')
    return made


READERS: dict[str, Reader] = {
    "duration": read_duration,
    "command": read_command,
    "programs": read_programs,
    "like": _read_like,
    "groups": read_groups,
    "exited": _read_exited,
    "terminal": _read_terminal,
    "on": read_table,
    "starting": _read_starting,
    "when": read_when,
    "child": read_child,
    "codes": read_codes,
    "children": read_children,
    "instances": read_instances,
    "tasks": read_tasks,
    "needs": read_needs,
    "only-if": read_conditions,
    "ready": read_ready,
    "alive": read_alive,
    "restart": read_restart,
    "flag": read_flag,
    "at": read_at,
    "task-on": read_task_on,
    "group-tables": read_group_tables,
    "exit": _read_exit,
    "drain": _read_drain,
    "journal": _read_journal,
    "journal-path": read_plain_path,
    "control": _read_control,
    "control-path": read_socket_path,
    "user": read_user,
    "extra-groups": read_extra_groups,
    "absolute": read_absolute,
    "umask": read_umask,
    "env": read_env,
    "env-file": read_env_file,
    "limits": read_limits,
    "nice": read_nice,
    "output": read_output,
    "watch": read_watch,
}
"""By kind of key."""
