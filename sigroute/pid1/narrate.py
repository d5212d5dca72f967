"""What is told of events and effects: one line each, from one table.

A line is a level, a name and fields. The text form fills the template with the fields; the JSON
form has the name as ``event`` and the fields as they are. Both are promises (docs/log.md).
"""

from __future__ import annotations

from sigroute.pid1.effects import NOBODY, Kill, KillOther, Lend, Run, Say
from sigroute.pid1.events import (
    Continued,
    Exited,
    NotSent,
    NotSpawned,
    RunNotStarted,
    Signal,
    Spawned,
    Stopped,
)
from sigroute.pid1.names import name_of
from sigroute.pid1.plan import FORWARD

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.effects import Effect
    from sigroute.pid1.events import Event
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.state import State

    Fields = dict[str, str | int]
    Line = tuple[str, str, Fields]

#: By name: the level, and the text. {child} is a child's name, {origin} the entry of the rules.
MESSAGES: dict[str, tuple[str, str]] = {
    # events
    "signal": ("info", "{signal} from {sender} (pid {pid}, uid {uid})"),
    "started": ("info", "{child} (pid {pid}) started"),
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
    # effects
    "sent": ("info", "{child} (pid {pid}) gets {signal} [{origin}]"),
    "sent-group": ("info", "{child} (process group {pid}) gets {signal} [{origin}]"),
    "sent-member": ("info", "{child} (its process {pid}) gets {signal} [{origin}]"),
    "sent-other": ("info", "pid {pid} gets {signal} [{origin}]"),
    "run": ("info", "{child}: running {command}"),
    "lent": ("debug", "{child} (pid {pid}) asks for the terminal"),
    # decisions
    "ready": ("info", "{child} has become its program"),
    "dropped": ("info", "{child}: {signal} is dropped [{text}]"),
    "protected": ("info", "{child}: {signal} is dropped, it has no handler and would die of it [{text}]"),
    "held": ("info", "{child}: {signal} is held until it is ready [{text}]"),
    "held-already": ("info", "{child}: {signal} is held already [{text}]"),
    "hold-over": ("warning", "{child}: {signal} was held for as long as it may be [{text}]"),
    "duplicate": ("info", "{child}: {signal} again within 200 ms, a duplicate [{text}]"),
    "ignored": ("info", "{child}: {signal} again, its action is under way [{text}]"),
    "next": ("info", "{child}: {signal} again, the wait is skipped [{text}]"),
    "once-more": ("info", "{child}: {signal} again, to be done once more [{text}]"),
    "replaced": ("info", "{child}: {signal} again, what was left is replaced [{text}]"),
    "cancelled": ("info", "{child}: the action for {signal} is cancelled by the stop [{text}]"),
    "waits": ("debug", "{child}: {signal} in {number} ms"),
    "run-ok": ("info", "{child}: the command for {signal} went well [{text}]"),
    "run-failed": ("warning", "{child}: the command for {signal} failed [{text}]"),
    "run-late": ("warning", "{child}: its command takes too long and is killed"),
    "stop": ("info", "stop: {signal} asks for it"),
    "stop-unasked": ("info", "stop: the children that [exit] when names have exited"),
    "never-started": ("warning", "{child} is not started any more"),
    "grace-over": ("warning", "stop: grace is over, all that is left is killed"),
    "drain": ("info", "stop: {number} processes are left behind: TERM, then KILL in {text} ms"),
    "drain-kill": ("warning", "stop: {number} processes are left and are killed"),
    "undying": ("error", "stop: {number} processes do not end, not even by KILL"),
    "blind": ("warning", "no /proc here: programs can't be recognised, nor trees and orphans found"),
    "note": ("warning", "{text}"),
    "fallback": ("error", "an error of sigroute's own ({text}): from now on, first signals and reaping only"),
    "lost": ("warning", "{number} lines were lost, as nobody read them"),
    "exit": ("debug", "exits with {status}"),
}


def of_event(plan: Plan, before: State, event: Event) -> Line | None:
    """Return the line for an event, seen from the state before it; None for those that tell nothing."""
    if isinstance(event, Signal):
        fields: Fields = {
            "signal": name_of(event.signal),
            "sender": "the terminal" if event.sender == "tty" else event.sender,
            "pid": event.pid,
            "uid": event.uid,
        }
        return line("signal", fields)
    if isinstance(event, Spawned):
        return line("started", {"child": plan.children[event.child].name, "pid": event.pid})
    if isinstance(event, NotSpawned):
        name = plan.children[event.child].name
        return line("not-started" if event.status else "start-later", {"child": name, "reason": event.reason})
    if isinstance(event, RunNotStarted):
        return line("run-not-started", {"child": of_run(plan, before, event.run), "reason": event.reason})
    if isinstance(event, NotSent):
        who = plan.children[event.child].name if event.child != NOBODY else "a process left behind"
        signal = name_of(event.signal)
        return line("not-sent", {"child": who, "pid": event.pid, "signal": signal, "reason": event.reason})
    if isinstance(event, (Exited, Stopped, Continued)):
        return of_fate(plan, before, event)
    return None


def of_fate(plan: Plan, before: State, event: Exited | Stopped | Continued) -> Line | None:
    """Return the line for what became of a process."""
    kind, number = before.owners.get(event.pid, ("", 0))
    fields: Fields = {"pid": event.pid}
    if kind:
        fields["child"] = plan.children[number].name if kind == "child" else of_run(plan, before, number)
    if isinstance(event, Exited):
        fields["status"] = event.status
        if kind != "child":
            return line("run-ended" if kind else "reaped", fields)
        if event.signal:
            return line("killed", {**fields, "signal": name_of(event.signal)})
        return line("exited", fields)
    if kind != "child":
        return None
    if isinstance(event, Stopped):
        return line("stopped", {**fields, "signal": name_of(event.signal)})
    return line("continued", fields)


def of_run(plan: Plan, before: State, run: int) -> str:
    """Return the name of the child whose command this is."""
    return plan.children[before.runs[run].child].name if run in before.runs else "?"


def of_effect(plan: Plan, effect: Effect) -> Line | None:
    """Return the line for an effect; None for those that tell nothing."""
    if isinstance(effect, (Kill, KillOther)):
        named = effect.child != NOBODY
        fields: Fields = {"child": plan.children[effect.child].name} if named else {}
        fields.update(pid=effect.pid, signal=name_of(effect.signal), origin=effect.origin)
        if isinstance(effect, Kill):
            return line("sent-group" if effect.group else "sent", fields)
        return line("sent-member" if named else "sent-other", fields)
    if isinstance(effect, Run):
        command = b" ".join(effect.argv).decode("utf-8", "replace")
        return line("run", {"child": plan.children[effect.child].name, "command": command})
    if isinstance(effect, Lend):
        return line("lent", {"child": plan.children[effect.child].name, "pid": effect.pid})
    if isinstance(effect, Say):
        said: Fields = {"text": effect.text, "number": effect.number}
        if effect.child != NOBODY:
            said["child"] = plan.children[effect.child].name
        if effect.signal != FORWARD:
            said["signal"] = name_of(effect.signal)
        return line(effect.what, {key: value for key, value in said.items() if value != "" or key == "text"})
    return None


def line(name: str, fields: Fields) -> Line:
    """Return a line of the table."""
    return MESSAGES[name][0], name, fields
