"""What ``sigroute status`` tells, as plain values. Their names are promises (docs/control.md)."""

from __future__ import annotations

from sigroute.pid1.control import zombies
from sigroute.pid1.control.waits import waits_of
from sigroute.pid1.engine.draft import Draft
from sigroute.pid1.engine.life import ALIVE, BACKING_OFF, EXITED, RUNNING, WAITING
from sigroute.pid1.kernel import below, clock, proc, surroundings
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.control.as_json import Object, Value
    from sigroute.pid1.engine.events import Process
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

#: The version of this format.
VERSION = 1


def status(plan: Plan, state: State, now: int) -> Object:
    """Return what runs, since when, and what is waited for.

    :param now: the time of this state.
    """
    draft = Draft(plan, state, now)
    listed = {each.pid: each for each in proc.processes() or ()}
    me = surroundings.parent_pid()
    begun = started(listed.get(me))
    return {
        "status": VERSION,
        "pid": me,
        "since": begun,
        "state": state_of(draft),
        "stop": stop_of(draft),
        "groups": {name: [plan.children[each].name for each in members] for name, members in plan.groups.items()},
        "children": [child_of(draft, index, listed, begun) for index in range(len(draft.children))],
        "zombies": zombies.of_others(listed, me, draft),
    }


def state_of(draft: Draft) -> str:
    """Return what sigroute does: ``starting running stopping draining``."""
    if draft.state.drain is not None:
        return "draining"
    if draft.state.stop is not None:
        return "stopping"
    settled = all(is_settled(draft, index) for index in range(len(draft.children)))
    return "running" if settled else "starting"


def is_settled(draft: Draft, index: int) -> bool:
    """Tell whether a child does what it is there for, or did so once: it is ready, or has ended, or has come back."""
    child = draft.children[index]
    again = child.generation > 1 or (child.generation and child.phase == BACKING_OFF)
    return draft.is_end_task(index) or child.phase == EXITED or bool(again) or is_ready(draft, index)


def is_ready(draft: Draft, index: int) -> bool:
    """Tell whether a child is ready, or a task done, as the rules have it."""
    child, rules = draft.children[index], draft.plan.children[index]
    if rules.task is not None:
        return child.done
    return child.ready or (rules.ready is None and child.phase == RUNNING)


def stop_of(draft: Draft) -> Value:
    """Return what is known of the stop that is under way; None: there is none."""
    stop = draft.state.stop
    if stop is None:
        return None
    grace = None if stop.due is None or stop.over else max(stop.due - draft.now, 0)
    return {"signal": name_of(stop.arrival.signal), "asked": stop.asked, "grace_left_ms": grace}


def child_of(draft: Draft, index: int, listed: dict[int, Process], begun: str | None) -> Object:
    """Return what is known of a child.

    :param begun: since when sigroute runs, and a child waits that has never done anything else.
    """
    child, rules = draft.children[index], draft.plan.children[index]
    alive = child.phase in ALIVE
    since = begun if child.phase == WAITING else clock.stamp(draft.now - child.since)
    return {
        "name": rules.name,
        "kind": "child" if rules.task is None else "task",
        "groups": [name for name, members in draft.plan.groups.items() if index in members],
        "phase": phase_of(draft, index),
        "ready": is_ready(draft, index),
        "pid": child.pid if alive else None,
        "since": started(listed.get(child.pid)) if alive else since,
        "lives": child.generation,
        "status": child.status if child.generation else None,
        "asked": child.asked or None,
        "suspended": child.stopped,
        "unwell": child.failures,
        "waits": waits_of(draft, index),
    }


def phase_of(draft: Draft, index: int) -> str:
    """Return the phase of a child: one of life.py, or why it will not leave ``exited`` by itself."""
    child = draft.children[index]
    if draft.is_left_out(index):
        return "left out"
    return "down" if child.phase == EXITED and child.asked else child.phase


def started(process: Process | None) -> str | None:
    """Return when a process was started; None: that can't be read."""
    return None if process is None else clock.stamp(below.age(process))
