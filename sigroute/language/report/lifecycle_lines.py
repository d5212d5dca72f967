"""What children need, when they are ready, whether they come back, what tasks do: the lines of ``check`` about it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from sigroute.language.read.durations import format_duration
from sigroute.language.report.cells import MOST_SHOWN, cut, listed
from sigroute.pid1.lifecycle import Restart
from sigroute.pid1.log.printable import printable
from sigroute.pid1.names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.lifecycle import Alive, Ready, Task
    from sigroute.pid1.plan import ChildPlan, Plan


def called(child: ChildPlan) -> str:
    """Return what a child is called: a task as such."""
    return child.name if child.task is None else f"task {child.name}"


def lifecycles(plan: Plan) -> Iterator[str]:
    """Yield a line for each child or task that has something of this."""
    counts = {int(each.target[1]): each for each in plan.templates if each.becomes == "count"}
    for index, child in enumerate(plan.children):
        parts = list(_parts(plan, child))
        if index in counts:
            parts.insert(0, f"instances {''.join(map(_written, counts[index].parts))}")
        if parts:
            yield printable(f"{called(child)}: {'; '.join(parts)}")


def _written(part: bytes | tuple[bytes, bytes | None]) -> str:
    """Return a part of a template as it is written."""
    if isinstance(part, bytes):
        return _text(part)
    name, default = part
    return "${" + _text(name) + ("" if default is None else f":-{_text(default)}") + "}"


def _parts(plan: Plan, child: ChildPlan) -> Iterator[str]:
    if child.task is not None:
        yield from _task(child.task)
    if child.needs:
        yield f"needs {listed(plan, child.needs)}"
    if child.ready is not None:
        yield f"ready {_ready(child.ready)}"
    if child.alive is not None:
        yield f"alive {_alive(child.alive)}"
    if child.restart is not None:
        yield f"restart {_restart(child.restart)}"
    if child.watch:
        yield f"watches {', '.join(f'{_text(each.path)} ({name_of(each.signal)})' for each in child.watch)}"


def _task(task: Task) -> Iterator[str]:
    if task.at_end:
        yield "at the end"
    if task.every is not None:
        yield f"every {format_duration(task.every)}"
    if task.timeout is not None:
        yield f"timeout {format_duration(task.timeout)}"
    if task.optional:
        yield "optional"


def _ready(ready: Ready) -> str:
    within = "" if ready.within is None else f", within {format_duration(ready.within)}"
    if ready.listen:
        return f"when something listens at {_text(ready.listen)}{within}"
    if ready.notify:
        return f"when it says so by sd_notify{within}"
    if ready.fd:
        return f"when it writes a newline to descriptor {ready.fd}{within}"
    if ready.file:
        return f"when {_text(ready.file)} is there{within}"
    if ready.run:
        command = cut(shlex.join(_text(word) for word in ready.run))
        return f"when {command} exits 0, every {format_duration(ready.every)}{within}"
    return f"after {format_duration(ready.after or 0)}"


def _alive(alive: Alive) -> str:
    command = cut(shlex.join(_text(word) for word in alive.run))
    return f"while {command} exits 0, every {format_duration(alive.every)}, {alive.failures} failures"


def _restart(restart: Restart) -> str:
    codes = " or ".join(map(str, restart.unless))
    when = f"unless {codes}" if restart.unless else "always"
    if restart.waits != Restart.waits:
        waits = " ".join(map(format_duration, restart.waits[:MOST_SHOWN]))
        when += f", after {waits}{' ...' if len(restart.waits) > MOST_SHOWN else ''}"
    if restart.attempts is not None:
        when += f", {restart.attempts} attempts"
    return when


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
