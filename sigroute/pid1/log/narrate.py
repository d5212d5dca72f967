"""The log line for each event and effect, from one table.

A line has a level, a name and fields. The text form fills the template with the fields. The JSON
form has the name as ``event``, and the fields as they are. Names, levels and fields are promises
(docs/log.md).
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import NOBODY, Exit, Kill, KillOther, Run, Say, StopSelf
from sigroute.pid1.engine.events import (
    Continued,
    EngineFailed,
    Exited,
    NotReaped,
    NotSent,
    NotSpawned,
    RunNotStarted,
    Signal,
    Spawned,
    Stopped,
)
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

#: By name: the level and the text. {child} is a child's name, {origin} is the entry of the rules.
MESSAGES: dict[str, tuple[str, str]] = {
    # events
    "signal": ("info", "{signal} from {sender} (pid {pid}, uid {uid})"),
    "started": ("info", "{child} (pid {pid}) started as {command}"),
    "not-started": ("error", "cannot start {child}: {reason}"),
    "start-later": ("warning", "cannot start {child} now, trying again: {reason}"),
    "exited": ("info", "{child} (pid {pid}) exited with {status}"),
    "killed": ("info", "{child} (pid {pid}) was ended by {signal}, status {status}"),
    "stopped": ("info", "{child} (pid {pid}) was stopped by {signal}"),
    "continued": ("info", "{child} (pid {pid}) goes on"),
    "reaped": ("debug", "reaped pid {pid}, status {status}"),
    "run-ended": ("debug", "command of {child} (pid {pid}) exited with {status}"),
    "run-not-started": ("error", "cannot run the command of {child}: {reason}"),
    "not-sent": ("error", "cannot send {signal} to {child} (pid {pid}): {reason}"),
    "not-reaped": ("error", "cannot reap zombies: {reason}"),
    # effects
    "sent": ("info", "{child} (pid {pid}) gets {signal} [{origin}]"),
    "sent-group": ("info", "{child} (process group {pid}) gets {signal} [{origin}]"),
    "sent-member": ("info", "{child} (its process {pid}) gets {signal} [{origin}]"),
    "sent-other": ("info", "pid {pid} gets {signal} [{origin}]"),
    "run": ("info", "{child}: running {command}"),
    "halt": ("info", "sigroute stops itself"),
    "suspend": (
        "debug",
        "{child} (pid {pid}) was stopped by {signal}; sigroute stops itself, too, as a shell waits for both",
    ),
    # decisions
    "starting": ("info", "{child} is still starting: it is {text}, and its rules are for {program}"),
    "stop-starting": (
        "warning",
        "{child}: {signal} arrives while it is still starting: it is {text}, and its rules are for {program}",
    ),
    "unknown": ("warning", "{child}: /proc does not show what it is, so the rules for its program apply"),
    "ready-below": ("info", "{child}: its program runs below it, as pid {number}, and gets the signals"),
    "restarted": ("warning", "{child} has started its program again after {signal}: now it is stopped itself"),
    "ready": ("info", "{child} has become its program"),
    "dropped": ("info", "{child}: {signal} is dropped [{origin}]"),
    "protected": ("info", "{child}: {signal} is dropped: the child has no handler for it and would die [{origin}]"),
    "as-term": ("info", "{child}: TERM is sent instead of {signal}, for which it has no handler [{origin}]"),
    "too-early": ("info", "{child}: {signal} arrives before the child is started, and is not kept"),
    "held": ("info", "{child}: {signal} is held until the child runs its program [{origin}]"),
    "held-already": ("info", "{child}: {signal} is held already [{origin}]"),
    "hold-over": ("warning", "{child}: the time to hold {signal} is over [{origin}]"),
    "duplicate": ("info", "{child}: {signal} again within 200 ms, a duplicate [{origin}]"),
    "ignored": ("info", "{child}: {signal} again, ignored, as its action is under way [{origin}]"),
    "next": ("info", "{child}: {signal} again, the wait is skipped [{origin}]"),
    "once-more": ("info", "{child}: {signal} again, its action will be done once more [{origin}]"),
    "replaced": ("info", "{child}: {signal} again, the remaining steps are replaced [{origin}]"),
    "cancelled": ("info", "{child}: the action for {signal} is cancelled by the stop [{origin}]"),
    "tree-ended": ("info", "{child}: all of its tree has ended"),
    "unclaimed": (
        "warning",
        "{child}: adopted processes may belong to its tree; with several children nobody can tell: {text}",
    ),
    "waits": ("debug", "{child}: {signal} in {wait} ms"),
    "run-ok": ("info", "{child}: the command for {signal} succeeded [{origin}]"),
    "run-failed": ("warning", "{child}: the command for {signal} failed [{origin}]"),
    "run-late": ("warning", "{child}: its command takes longer than its timeout, and is killed"),
    "stop": ("info", "stop: {signal} asks for it"),
    "stop-unasked": ("info", "stop: {child} has exited, so the other children are stopped ([exit] when)"),
    "never-started": ("warning", "{child} will not be started: the stop has begun"),
    "grace-over": ("warning", "stop: grace is over, all remaining processes are killed"),
    "drain": ("info", "stop: processes left behind: {number}; they get TERM, and KILL in {wait} ms"),
    "left": (
        "warning",
        "{child} left processes behind in its process group: {number}; if it is a shell, use exec or scope = 'tree'",
    ),
    "drain-kill": ("warning", "stop: remaining processes: {number}; they are killed"),
    "not-lent": ("warning", "{child} asks for the terminal, but its rules leave that to sigroute: it stays stopped"),
    "undying": ("error", "stop: processes that outlive KILL: {number}"),
    "blind": ("warning", "no /proc here: sigroute can't recognise programs, nor find trees and orphans"),
    "unread": ("warning", "/proc can't be read now, trying again: {text}"),
    "note": ("warning", "{text}"),
    "fallback": ("error", "an error of sigroute's own ({text}): from now on it only sends first signals and reaps"),
    "repeated": ("info", "the same again, {number} times: {text}"),
    "lost": ("warning", "lines lost, as nobody read them: {number}"),
    "exit": ("info", "ends with {status}"),
}


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


def of_run_not_started(plan: Plan, before: State, event: RunNotStarted) -> Line:
    """Tell that the command of an action could not be run."""
    return line("run-not-started", {"child": name_of_run(plan, before, event.run), "reason": event.reason})


def of_not_sent(plan: Plan, _before: State, event: NotSent) -> Line:
    """Tell that a signal could not be sent."""
    fields: Fields = {"child": name_of_child(plan, event.child), "pid": event.pid}
    return line("not-sent", {**fields, "signal": name_of(event.signal), "reason": event.reason})


def of_not_reaped(_plan: Plan, _before: State, event: NotReaped) -> Line:
    """Tell that zombies can't be reaped."""
    return line("not-reaped", {"reason": event.reason})


def of_exited(plan: Plan, before: State, event: Exited) -> Line:
    """Tell that a process was reaped, whose it was, and how it ended."""
    owner = before.owner(event.pid)
    fields: Fields = {"pid": event.pid, "status": event.status}
    if owner is None:
        return line("reaped", fields)
    fields["child"] = name_of_child(plan, owner.child)
    if owner.run:
        return line("run-ended", fields)
    if not event.signal:
        return line("exited", fields)
    level = "info" if was_meant_to(before, event) else "warning"
    return level, "killed", {**fields, "signal": name_of(event.signal)}


def was_meant_to(before: State, event: Exited) -> bool:
    """Tell whether a child may have been asked to end by this signal; else it has crashed, or was killed."""
    return event.signal not in CRASHES if before.stop is not None else event.signal in REQUESTS


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


def of_start_of_run(plan: Plan, effect: Run) -> Line:
    """Tell which command an action runs."""
    command = b" ".join(effect.argv).decode("utf-8", "replace")
    return line("run", {"child": name_of_child(plan, effect.child), "command": command})


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
    Exited: of_exited,
    Stopped: of_stopped,
    Continued: of_continued,
}
EFFECTS: dict[type[Effect], Callable[[Plan, Any], Line]] = {
    Kill: of_kill,
    KillOther: of_kill_other,
    Run: of_start_of_run,
    StopSelf: of_stop_self,
    Exit: of_exit,
    Say: of_say,
}
