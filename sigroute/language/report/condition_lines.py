"""What ``only-if`` asks for, for ``check``: the conditions, or with ``--env`` who is started where these are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.entry.values import VariablesError
from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.kernel.conditions import holds, is_path
from sigroute.pid1.kernel.variables import environment
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.pid1.condition import Condition
    from sigroute.pid1.plan import ChildPlan, Plan


def conditions(plan: Plan, environ: dict[bytes, bytes] | None) -> Iterator[str]:
    """Yield a line for each child that may be left out.

    :param environ: what sigroute finds when it starts; None: that is not known.
    """
    if environ is not None:
        try:
            plan = expanded(plan, environ)
        except VariablesError as error:
            yield from (printable(f"with --env: {line.strip()}") for line in str(error).splitlines())
            return
    unmet = [[] if environ is None else _unmet(child, environ) for child in plan.children]
    for child, missed in zip(plan.children, unmet, strict=True):
        if child.only_if:
            said = _listed(child.only_if) if environ is None else _outcome(child, missed)
            yield printable(f"only-if of {child.name}: {said}")
    named = range(len(plan.children)) if isinstance(plan.when, str) else plan.when
    those = [index for index in named if plan.children[index].task is None]
    if those and all(unmet[index] for index in those):
        soon = "once what they need is ready" if any(plan.children[index].needs for index in those) else "at once"
        yield f"[exit] when: all children that could end the container are left out: it ends with {BAD_RULES}, {soon}"


def _unmet(child: ChildPlan, environ: dict[bytes, bytes]) -> list[Condition]:
    """Return the conditions that do not hold, as far as that is known."""
    if not child.only_if:
        return []
    made = environment(child.world.but(env_files=()), environ, {})
    known = [each for each in child.only_if if not _is_open(child, each)]
    return [each for each in known if not holds(each, made.get(each.what, b""))]


def _outcome(child: ChildPlan, unmet: list[Condition]) -> str:
    """Return whether a child is started."""
    if unmet:
        return f"left out, as {_listed(unmet[:1])} does not hold"
    still = [each for each in child.only_if if _is_open(child, each)]
    return f"depends on {_listed(still)}" if still else "started"


def _is_open(child: ChildPlan, condition: Condition) -> bool:
    """Tell whether only the container knows: a path, a variable that a file or the user may set."""
    if is_path(condition):
        return True
    of_user = bool(child.world.user) and condition.what in (b"HOME", b"USER", b"LOGNAME")
    said = child.world.env.get(condition.what, True)
    return said is True and (bool(child.world.env_files) or of_user)


def _listed(conditions: list[Condition] | tuple[Condition, ...]) -> str:
    return ", ".join(map(str, conditions))
