"""The command line, and the child that runs it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.pid1.plan import Plan


#: The name of a child that the rules do not name, until its command is known. No rule file can give this name.
UNNAMED = "the command"


class UsageError(Exception):
    """The rules are valid, but do not fit this command line."""


def complete(plan: Plan, words: Sequence[bytes]) -> Plan:
    """Return the plan in which the child without a command runs this command line; if none waits for it, it runs alone.

    :raises UsageError: a child needs a command, and there is none.
    """
    if plan.command is None:
        return complete(plan.instead, words) if words and plan.instead is not None else plan.but(instead=None)
    child = plan.children[plan.command]
    if not words and child.name == UNNAMED and any(each.task and not each.task.at_end for each in plan.children):
        return without(plan, plan.command)
    if not words:
        message = "no command to run"
        if child.name != UNNAMED:
            message = f"no command for child {child.name}: the rules give it none, so it goes on the command line"
        raise UsageError(message)
    name = name_after(words[0]) if child.name == UNNAMED else child.name
    taken = child.but(argv=tuple(words), name=name)
    return plan.but(children=(*plan.children[: plan.command], taken, *plan.children[plan.command + 1 :]))


def without(plan: Plan, last: int) -> Plan:
    """Return the plan without its last child, for which nobody waits any more."""
    actions = [each.but(after=tuple([index for index in each.after if index != last])) for each in plan.actions]
    return plan.but(children=plan.children[:last], actions=tuple(actions), command=None)


def name_after(word: bytes) -> str:
    """Return the name of a child that the rules do not name: its program."""
    return shown(word.rstrip(b"/").rpartition(b"/")[2])


def shown(word: bytes) -> str:
    """Return a word of the command line, safe to show."""
    return "".join([each if each.isprintable() else "?" for each in word.decode("utf-8", "replace")]) or "command"
