"""Instances: a child that is declared once and started several times, as NAME.1, NAME.2 and so on.

How many there are may be a variable, so it is known only when sigroute starts. It is loaded only for a plan with
instances.
"""

from __future__ import annotations

from sigroute.pid1.entry.values import VariablesError, shown, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.pid1.plan import Plan
    from sigroute.pid1.template import Template

    Places = tuple[tuple[int, ...], ...]
    """By child of the plan as it was: where it is now; several places, or none."""

#: More instances than this are a slip.
MOST = 1_000

#: In a value of such a child: the number of the instance.
INSTANCE = b"INSTANCE"


def is_count(template: Template) -> bool:
    """Tell whether a template says how many instances there are."""
    return template.becomes == "count"


def multiplied(plan: Plan, environ: dict[bytes, bytes]) -> Plan:
    """Return the plan with a child for each instance, and templates for the values of each.

    :raises VariablesError: it is unknown how many there are, or nobody is left.
    """
    counts = counted([each for each in plan.templates if is_count(each)], environ)
    places = placed(len(plan.children), counts)
    children = []
    for index, child in enumerate(plan.children):
        for number in range(1, len(places[index]) + 1):
            name = f"{child.name}.{number}" if index in counts else child.name
            children.append(child.but(name=name, needs=moved(child.needs, places)))
    when = plan.when if isinstance(plan.when, str) else moved(plan.when, places)
    if not when or (len(plan.tasks) < len(plan.children) and all(each.task is not None for each in children)):
        message = (
            "no child is left whose exit ends the container: each of them has 0 instances\n      set one to 1 or more"
        )
        raise VariablesError(message)
    rest = [each for each in plan.templates if not is_count(each)]
    return plan.but(
        children=tuple(children),
        actions=tuple([each.but(after=moved(each.after, places)) if each.after else each for each in plan.actions]),
        tasks=moved(plan.tasks, places),
        groups={name: moved(members, places) for name, members in plan.groups.items()},
        when=when,
        code=None if plan.code is None else next(iter(places[plan.code]), None),
        command=None if plan.command is None else places[plan.command][0],
        templates=tuple([each for template in rest for each in copies(template, places, counts)]),
    )


def counted(templates: list[Template], environ: dict[bytes, bytes]) -> dict[int, int]:
    """Return how many instances each of these children has.

    :raises VariablesError: that is unknown.
    """
    counts, told = {}, []
    for template in templates:
        text, trouble = text_of(template, environ)
        if trouble is None and not (text.isdigit() and len(text) <= len(str(MOST)) and int(text) <= MOST):
            trouble = f"{shown(text)} is no number of instances", f"a number from 0 to {MOST}"
        if trouble is None:
            counts[int(template.target[1])] = int(text)
        else:
            told.append(f"{template.place}: {trouble[0]} in {template.key}\n      {trouble[1]}")
    if told:
        raise VariablesError("\n".join(told))
    return counts


def placed(number: int, counts: dict[int, int]) -> Places:
    """Return where each of so many children is once there is one for each instance."""
    places: list[tuple[int, ...]] = []
    free = 0
    for index in range(number):
        count = counts.get(index, 1)
        places.append(tuple(range(free, free + count)))
        free += count
    return tuple(places)


def moved(indices: Iterable[int], places: Places) -> tuple[int, ...]:
    """Return where these children are now."""
    return tuple([place for index in indices for place in places[index]])


def copies(template: Template, places: Places, counts: dict[int, int]) -> list[Template]:
    """Return a template for each instance of its child."""
    first, index, *rest = (*template.target, 0)
    if first != "children":
        return [template]
    found = []
    for number, place in enumerate(places[int(index)], 1):
        parts = template.parts
        if index in counts:
            parts = tuple([b"%d" % number if part[:1] == (INSTANCE,) else part for part in parts])
        found.append(template.but(target=(first, place, *rest[:-1]), parts=parts))
    return found
