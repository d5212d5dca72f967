"""The order of the start and of the stop as a graph: in text, as Mermaid or as DOT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.report.lifecycle_lines import called
from sigroute.language.resolve.lookup import TERM
from sigroute.language.resolve.order import reached
from sigroute.language.resolve.planner import outline
from sigroute.pid1.log.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sigroute.language.resolve.resolved import Resolved
    from sigroute.pid1.plan import Action, ChildPlan, Plan

    Edges = Sequence[tuple[int, ...]]
    """By child, those that it waits for."""

FORMS = ("text", "mermaid", "dot")


def graph(resolved: Resolved, form: str) -> Iterator[str]:
    """Yield the lines of the graph.

    :param form: one of FORMS.
    """
    plan = outline(resolved)
    needs = [child.needs for child in plan.children]
    waits = stop_waits(plan)
    if form == "text":
        yield from _text(plan, "start", needs)
        yield from _text(plan, "stop", waits)
    elif form == "mermaid":
        yield "flowchart LR"
        for index, child in enumerate(plan.children):
            name = printable(called(child)).replace('"', "#quot;")
            yield f'  c{index}(["{name}"])' if child.task is not None else f'  c{index}["{name}"]'
        yield from (f"  c{need} --> c{index}" for index, each in enumerate(needs) for need in each)
        yield from (f"  c{other} -. stop .-> c{index}" for index, other in _written(needs, waits))
    else:
        yield "digraph {"
        yield "  rankdir = LR"
        for index, child in enumerate(plan.children):
            name = printable(called(child)).replace("\\", "\\\\").replace('"', '\\"')
            yield f'  c{index} [label = "{name}", shape = {"ellipse" if child.task is not None else "box"}]'
        yield from (f"  c{need} -> c{index}" for index, each in enumerate(needs) for need in each)
        yield from (f"  c{other} -> c{index} [style = dashed, label = stop]" for index, other in _written(needs, waits))
        yield "}"


def stop_waits(plan: Plan) -> list[tuple[int, ...]]:
    """Return whom each child waits for when a stop comes from outside."""
    return [stop_action(plan, child).after for child in plan.children]


def stop_action(plan: Plan, child: ChildPlan) -> Action:
    """Return what a child that runs its program does then."""
    stop = TERM if TERM in plan.stop_signals else min(plan.stop_signals, default=TERM)
    return plan.actions[plan.tables[child.running]["outside"][stop]]


def _written(needs: Edges, waits: Edges) -> Iterator[tuple[int, int]]:
    """Yield the waits of a stop that do not follow from the order of the start."""
    edges = {index: set(each) for index, each in enumerate(needs)}
    for index, others in enumerate(waits):
        yield from ((index, other) for other in others if index not in reached(edges, other))


def _text(plan: Plan, what: str, edges: Edges) -> Iterator[str]:
    """Yield who comes when: a line for each round, with whom each waits for."""
    ends = [index for index, child in enumerate(plan.children) if child.task is not None and child.task.at_end]
    left = [index for index in range(len(plan.children)) if index not in ends]
    done: set[int] = set()
    yield f"{what}:"
    while left:
        now = [index for index in left if done.issuperset(set(edges[index]) - set(ends))]
        for index in now or left:
            names = ", ".join(called(plan.children[other]) for other in edges[index])
            yield printable(f"  {called(plan.children[index])}" + (f"  after {names}" if names else ""))
        done.update(now or left)
        left = [index for index in left if index not in done]
    if what == "stop":
        yield from (printable(f"  {called(plan.children[index])}  after all others") for index in ends)
