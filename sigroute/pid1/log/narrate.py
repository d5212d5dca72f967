"""The log line for each event and effect."""

from __future__ import annotations

from sigroute.pid1.engine.effects import NOBODY, Exit, Kill, KillOther, Run, Say, StopSelf
from sigroute.pid1.engine.events import (
    Continued,
    EngineFailed,
    Exited,
    HelperEnded,
    NotReaped,
    NotSent,
    NotSpawned,
    RunNotStarted,
    Signal,
    Spawned,
    Stopped,
)
from sigroute.pid1.engine.state import PROBE
from sigroute.pid1.log.messages import MESSAGES
from sigroute.pid1.names import FAULTS, STANDARD, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.plan import Plan

    Fields = dict[str, str | int]
    Line = tuple[str, str, Fields]

#: Outside of a stop, a child that ends by one of these was asked to end, by its terminal for example.
REQUESTS = frozenset(STANDARD[name] for name in ("HUP", "INT", "QUIT", "TERM"))

#: A child that ends by one of these has made a mistake, or is over a limit (signal(7), "Core"; QUIT is a request).
CRASHES = FAULTS | {STANDARD["XCPU"], STANDARD["XFSZ"]}


def of_event(plan: Plan, before: State, event: Event) -> Line | None:
    """Return the line for an event, given the state before it; None if the event has no line."""
    narrator = EVENTS.get(type(event))
    return narrator(plan, before, event) if narrator else None


def of_effect(plan: Plan, effect: Effect) -> Line | None:
    """Return the line for an effect; None if the effect has no line."""
    narrator = EFFECTS.get(type(effect))
    return narrator(plan, effect) if narrator else None


def line(name: str, fields: Fields) -> Line:
    """Return a line of the table."""
    return MESSAGES[name][0], name, fields


def name_of_child(plan: Plan, index: int) -> str:
    """Return the name of a child, or words for a process that nobody declared."""
    return plan.children[index].name if index != NOBODY else "a process left behind"


def name_of_run(plan: Plan, before: State, run: int) -> str:
    """Return the name of the child that a command belongs to."""
    return plan.children[before.runs[run].child].name


def of_signal(_plan: Plan, before: State, event: Signal) -> Line | None:
    """Tell which signal arrived, and from whom; but not a signal that the terminal sends to a child as well."""
    if event.sender == "tty" and any(event.signal in child.hears for child in before.children):
        return None
    fields: Fields = {"sender": event.sender, "pid": event.pid, "uid": event.uid}
    return line("signal", {"signal": name_of(event.signal), **fields})


def of_engine_failed(_plan: Plan, _before: State, event: EngineFailed) -> Line:
    """Tell that the engine has failed."""
    return line("fallback", {"text": event.reason})


def of_spawned(plan: Plan, _before: State, event: Spawned) -> Line:
    """Tell that a child has a process, and its command: the child's name in the rules may be another."""
    command = plan.children[event.child].argv[0].decode("utf-8", "replace")
    return line("started", {"child": name_of_child(plan, event.child), "pid": event.pid, "command": command})


def of_not_spawned(plan: Plan, _before: State, event: NotSpawned) -> Line:
    """Tell that a child could not be started, and whether sigroute will try again."""
    name = "not-started" if event.status else "start-later"
    return line(name, {"child": name_of_child(plan, event.child), "reason": event.reason})


def of_run_not_started(plan: Plan, before: State, event: RunNotStarted) -> Line | None:
    """Tell that a command could not be run.

    If it looks at a child's health, "unwell" tells it. To look for a file is no command, and it is looked for again.
    """
    run = before.runs[event.run]
    rules = plan.children[run.child].ready
    if run.progress == PROBE and (before.children[run.child].ready or (rules is not None and rules.file)):
        return None
    return line("run-not-started", {"child": name_of_run(plan, before, event.run), "reason": event.reason})


def of_not_sent(plan: Plan, _before: State, event: NotSent) -> Line:
    """Tell that a signal could not be sent."""
    fields: Fields = {"child": name_of_child(plan, event.child), "pid": event.pid}
    return line("not-sent", {**fields, "signal": name_of(event.signal), "reason": event.reason})


def of_not_reaped(_plan: Plan, _before: State, event: NotReaped) -> Line:
    """Tell that zombies can't be reaped."""
    return line("not-reaped", {"reason": event.reason})


def of_helper_ended(_plan: Plan, _before: State, event: HelperEnded) -> Line | None:
    """Tell that a helper that passes output on was ended; by itself a relay ends when its task has."""
    if not event.status:
        return None
    return line("helper-ended", {"pid": event.pid, "status": event.status})


def of_exited(plan: Plan, before: State, event: Exited) -> Line:
    """Tell that a process was reaped, whose it was, and how it ended."""
    owner = before.owner(event.pid)
    fields: Fields = {"pid": event.pid, "status": event.status}
    if owner is None:
        return line("reaped", fields)
    fields["child"] = name_of_child(plan, owner.child)
    if owner.run:
        return line("run-ended", fields)
    level = "info" if was_meant_to(before, event) else "warning"
    if not event.signal:  # the code of an only child is sigroute's own, and told as that
        return level if len(plan.children) > 1 else "info", "exited", fields
    return level, "killed", {**fields, "signal": name_of(event.signal)}


def was_meant_to(before: State, event: Exited) -> bool:
    """Tell whether a child may have been asked to end like this; else it has failed or crashed, or was killed."""
    owner = before.owner(event.pid)
    asked = before.stop is not None or (owner is not None and bool(before.children[owner.child].asked))
    if not event.signal:
        return event.status == 0 or asked
    return event.signal not in CRASHES if asked else event.signal in REQUESTS


def of_stopped(plan: Plan, before: State, event: Stopped) -> Line | None:
    """Tell that a child was stopped by a signal."""
    owner = before.owner(event.pid)
    if owner is None or owner.run:
        return None
    fields: Fields = {"child": name_of_child(plan, owner.child), "pid": event.pid}
    return line("stopped", {**fields, "signal": name_of(event.signal)})


def of_continued(plan: Plan, before: State, event: Continued) -> Line | None:
    """Tell that a child is not stopped any more."""
    owner = before.owner(event.pid)
    if owner is None or owner.run:
        return None
    return line("continued", {"child": name_of_child(plan, owner.child), "pid": event.pid})


def of_kill(plan: Plan, effect: Kill) -> Line:
    """Tell which signal a child or its process group gets."""
    fields: Fields = {"child": name_of_child(plan, effect.child), "pid": effect.pid}
    name = "sent-group" if effect.group else "sent"
    return line(name, {**fields, "signal": name_of(effect.signal), "origin": effect.origin})


def of_kill_other(plan: Plan, effect: KillOther) -> Line:
    """Tell which signal a process gets that is not a child's own."""
    fields: Fields = {"pid": effect.pid, "signal": name_of(effect.signal), "origin": effect.origin}
    if effect.child == NOBODY:
        return line("sent-other", fields)
    return line("sent-member", {"child": name_of_child(plan, effect.child), **fields})


def of_start_of_run(plan: Plan, effect: Run) -> Line | None:
    """Tell which command an action runs; a probe runs again and again, and its outcome has a line."""
    if effect.probe:
        return None
    command = b" ".join(effect.argv).decode("utf-8", "replace")
    return line("run", {"child": name_of_child(plan, effect.child), "command": command, "origin": effect.origin})


def of_stop_self(plan: Plan, effect: StopSelf) -> Line:
    """Tell that sigroute stops itself, and with which child."""
    if effect.child == NOBODY:
        return line("halt", {})
    fields: Fields = {"child": name_of_child(plan, effect.child), "pid": effect.pid}
    return line("suspend", {**fields, "signal": name_of(effect.signal)})


def of_exit(_plan: Plan, effect: Exit) -> Line:
    """Tell that sigroute ends."""
    return line("exit", {"status": effect.code})


def of_say(plan: Plan, effect: Say) -> Line:
    """Tell a decision."""
    values: Fields = {"origin": effect.origin, "number": effect.number, "wait": effect.wait, "text": effect.text}
    if effect.child != NOBODY:
        values["child"] = name_of_child(plan, effect.child)
        values["program"] = ", ".join(plan.children[effect.child].program)
    if effect.signal:
        values["signal"] = name_of(effect.signal)
    said = MESSAGES[effect.what][1]
    return line(effect.what, {name: value for name, value in values.items() if f"{{{name}}}" in said})


#: By kind: the function that makes its line. Other kinds have no line.
EVENTS: dict[type[Event], Callable[[Plan, State, Any], Line | None]] = {
    Signal: of_signal,
    EngineFailed: of_engine_failed,
    Spawned: of_spawned,
    NotSpawned: of_not_spawned,
    RunNotStarted: of_run_not_started,
    NotSent: of_not_sent,
    NotReaped: of_not_reaped,
    HelperEnded: of_helper_ended,
    Exited: of_exited,
    Stopped: of_stopped,
    Continued: of_continued,
}
EFFECTS: dict[type[Effect], Callable[[Plan, Any], Line | None]] = {
    Kill: of_kill,
    KillOther: of_kill_other,
    Run: of_start_of_run,
    StopSelf: of_stop_self,
    Exit: of_exit,
    Say: of_say,
}
