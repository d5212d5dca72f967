"""What each child finds when it starts, for ``check``: a line for each world that is not sigroute's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.world_values import LIMITS, UNLIMITED
from sigroute.pid1.log.printable import printable
from sigroute.pid1.plan import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.plan import Plan

MOST_NAMED = 8

_NAMES = {number: name for name, number in LIMITS.items()}


def worlds(plan: Plan) -> Iterator[str]:
    """Yield the lines. Children with the same world share one."""
    children: dict[World, list[str]] = {}
    for child in plan.children:
        children.setdefault(child.world, []).append(child.name)
    for world, names in children.items():
        if world != World():
            more = [f"{len(names) - MOST_NAMED} more"] if len(names) > MOST_NAMED else []
            yield printable(f"world of {', '.join(names[:MOST_NAMED] + more)}: {'; '.join(_parts(world))}")


def _parts(world: World) -> Iterator[str]:
    """Yield what is said of a world, each as its key and value. The values of variables may be secret."""
    if world.user:
        yield f"user {_shown(world.user)}" + (f":{_shown(world.group)}" if world.group else "")
    if world.extra_groups:
        yield f"extra-groups {_listed(world.extra_groups)}"
    if world.cwd:
        yield f"cwd {_shown(world.cwd)}"
    if world.umask is not None:
        yield f"umask {world.umask:03o}"
    if world.env_files:
        yield f"env-file {_listed(world.env_files)}"
    if world.env:
        yield f"env {', '.join(_variable(name, value) for name, value in world.env.items())}"
    if world.limits:
        yield "limits " + ", ".join(f"{_NAMES[number]} {_limit(*limit)}" for number, limit in world.limits.items())
    if world.nice is not None:
        yield f"nice {world.nice}"
    if world.output != World.output:
        yield f"output {_shown(world.output)}"


def _variable(name: bytes, value: bytes | bool) -> str:  # noqa: FBT001 - what the rule says
    if isinstance(value, bool):
        return f"{_shown(name)} {'kept' if value else 'removed'}"
    return _shown(name)


def _limit(soft: int, hard: int) -> str:
    first, last = ("unlimited" if each == UNLIMITED else str(each) for each in (soft, hard))
    return first if first == last else f"{first}:{last}"


def _listed(words: tuple[bytes, ...]) -> str:
    return ", ".join(map(_shown, words))


def _shown(word: bytes) -> str:
    return word.decode("utf-8", "replace")
