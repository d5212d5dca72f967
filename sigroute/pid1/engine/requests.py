"""What somebody asks for at the control socket: ``sigroute send``, ``stop``, ``start``, ``restart``.

A request acts on single children, and never asks for the stop of the container. So a signal from here has the sender
``sigroute``: only rules without a sender apply to it.

* ``send`` routes a signal to these children; with ``--raw`` their processes get it whatever the rules say.
* ``stop`` begins the stop action of a child. Once the child has exited, it stays down: its ``restart`` does not apply,
  and it does not meet ``[exit] when``. Those that need it go on.
* ``start`` starts a child that is down, or that has exited by itself; one that backs off, at once.
* ``restart`` begins the stop action as well. When the child has ended, what is left of its tree gets KILL, and it is
  started again.

The last three are answered when they are done: the child has exited, or is ready. A stop of the container ends them.

PID 1 loads this only if there is a control socket.
"""

from __future__ import annotations

from sigroute.pid1.engine import many, routing, stop
from sigroute.pid1.engine.effects import Effect, Kill
from sigroute.pid1.engine.events import NO_SIGNAL, Event
from sigroute.pid1.engine.life import (
    ALIVE,
    ASKED,
    BACKING_OFF,
    CANCELLED,
    EXITED,
    LINGERING,
    PRESENT,
    RUNNING,
    SPAWNING,
    STARTING,
    WAITING,
)
from sigroute.pid1.engine.pending import Pending
from sigroute.pid1.engine.state import Arrival
from sigroute.pid1.engine.step import HANDLERS
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.draft import Draft

#: The most requests that wait to be done.
MOST = 256


class Requested(Event):
    """Somebody asks for something at the control socket."""

    number: int
    """Of the request: its Reply has it, too."""
    what: str
    """A key of REQUESTS."""
    children: tuple[int, ...]
    signal: int = NO_SIGNAL
    pid: int = 0
    """The process that asks; 0: it is outside this pid namespace."""
    uid: int = 0


class Reply(Effect):
    """A request is done, or refused."""

    number: int
    refused: str = ""
    """Why it is refused; empty: it is done."""


def on_requested(draft: Draft, event: Requested) -> None:
    """Do what is asked for, as far as a child is in a state for it."""
    draft.say("requested", text=shown(draft, event))
    if event.what in SIGNALLING:
        draft.emit(Reply(number=event.number, refused=SIGNALLING[event.what](draft, event)))
        return
    refused = hindered(draft, event)
    if refused:
        draft.emit(Reply(number=event.number, refused=refused))
        return
    lives = {index: CHANGING[event.what](draft, index) for index in event.children}
    pending = Pending(number=event.number, what=event.what, lives=lives)
    draft.set(requests=(*draft.state.requests, pending))
    settle(draft)


def shown(draft: Draft, event: Requested) -> str:
    """Return a request in words."""
    names = many.naming.names(draft, [*event.children])
    signal = f" {name_of(event.signal)}" if event.signal else ""
    return f"{event.what} {names}{signal} (pid {event.pid}, uid {event.uid})"


def send(draft: Draft, event: Requested) -> str:
    """Route a signal to these children by the rules; return why that is not possible."""
    if draft.state.stop is not None and draft.state.stop.over:
        return "grace is over: all get KILL"
    there = [index for index in event.children if draft.children[index].phase in PRESENT]
    present = [index for index in there if draft.children[index].back_at is None and not draft.is_end_task(index)]
    for index in present:
        routing.deliver(draft, index, Arrival(signal=event.signal, sender="sigroute"))
    return "" if present else absent(draft, event)


def send_raw(draft: Draft, event: Requested) -> str:
    """Send a signal to the processes of these children, whatever the rules say; return why that is not possible."""
    alive = [index for index in event.children if draft.children[index].phase in ALIVE]
    for index in alive:
        draft.emit(Kill(child=index, pid=draft.children[index].pid, signal=event.signal, origin="send --raw"))
    return "" if alive else absent(draft, event)


def absent(draft: Draft, event: Requested) -> str:
    """Return the words for children none of which can get a signal."""
    return ", ".join([f"{name(draft, each)} {state(draft, each)}" for each in event.children])


def state(draft: Draft, index: int) -> str:
    """Return why a child can get no signal."""
    child = draft.children[index]
    if draft.is_end_task(index) and child.phase in ALIVE:
        return "is a task of the end, which gets none"
    if child.phase == EXITED:
        return "is down" if child.asked else "has exited"
    return "is to be started again" if child.back_at is not None else f"is {child.phase}"


def name(draft: Draft, index: int) -> str:
    """Return the name of a child."""
    return draft.plan.children[index].name


def hindered(draft: Draft, event: Requested) -> str:
    """Return why none of these children can be stopped or started now; empty: they can."""
    if draft.state.stop is not None:
        return "the container stops"
    if len(draft.state.requests) >= MOST:
        return f"{MOST} requests are under way already"
    for index in event.children:
        if draft.plan.children[index].task is not None:
            return f"{name(draft, index)} is a task: it runs when the rules say so"
        if draft.is_left_out(index):
            return f"{name(draft, index)} is left out (only-if)"
        arrival = stop.unasked(draft)
        dropped = draft.action(draft.lookup(index, arrival)).do == "drop"
        if event.what != "start" and draft.lives(index) and dropped:
            return f"the rules of {name(draft, index)} drop {name_of(arrival.signal)}: nothing would stop it"
    return ""


def stop_it(draft: Draft, index: int) -> int:
    """Have a child exit, and stay down; return how many lives it has had then."""
    phase = draft.children[index].phase
    coming = draft.children[index].back_at is not None
    draft.change(index, asked="stop", **({"back_at": None, "poll_at": None} if coming else {}))
    if phase in (WAITING, BACKING_OFF):
        give_up_start(draft, index)
    elif draft.lives(index):
        begin_stop(draft, index)
    return draft.children[index].generation


def begin_stop(draft: Draft, index: int) -> None:
    """Begin the stop action of a child, unless it is under way: to ask twice is not to send a signal twice."""
    if not any(each.is_stop for each in draft.children[index].progress):
        routing.deliver(draft, index, stop.unasked(draft))


def give_up_start(draft: Draft, index: int) -> None:
    """Have a child exit that has no process, and waits for its start."""
    draft.set(blocked=draft.state.blocked - {index})
    if draft.plan.many:
        many.probes.abandon(draft, index)
    draft.move(index, CANCELLED)


def start_it(draft: Draft, index: int) -> int:
    """Have a child started, if it does not live; return how many lives it has begun when it does."""
    child = draft.children[index]
    up = child.phase == SPAWNING or (draft.lives(index) and child.back_at is None)
    lives = child.generation + (not up)
    if child.phase == EXITED:
        draft.move(index, ASKED, asked="", retry_at=draft.now, starts=0, waited=0)
    elif child.phase == BACKING_OFF and child.retry_at is not None:
        draft.change(index, retry_at=draft.now)  # else it waits for others, or for its conditions
    elif child.asked == "stop" or not (up or child.phase in (WAITING, BACKING_OFF)):
        draft.change(index, asked="restart")  # it is about to exit
        lives = child.generation + 1
    return lives


def restart_it(draft: Draft, index: int) -> int:
    """Have a child exit, and started again; return how many lives it has begun then."""
    child = draft.children[index]
    if not draft.lives(index) or child.back_at is not None:
        return start_it(draft, index)
    draft.change(index, asked="restart")
    begin_stop(draft, index)
    return child.generation + 1


def settle(draft: Draft) -> None:
    """Answer the requests that are done, or will not be."""
    for index in sorted(draft.touched):
        keep_to(draft, index)
    left = []
    for each in draft.state.requests:
        states = [state_of(draft, each.what, index, lives) for index, lives in each.lives.items()]
        refused = next((state for state in states if state), None)
        if refused is None and None in states:
            left.append(each)
        else:
            draft.emit(Reply(number=each.number, refused=refused or ""))
    draft.set(requests=tuple(left))


def keep_to(draft: Draft, index: int) -> None:
    """See what a request means for a child whose start has failed: to be restarted, it need not end any more."""
    child = draft.children[index]
    if child.asked == "stop" and child.phase == BACKING_OFF:
        give_up_start(draft, index)
    elif child.asked == "restart" and child.phase in (BACKING_OFF, EXITED):
        draft.change(index, asked="")


def state_of(draft: Draft, what: str, index: int, lives: int) -> str | None:
    """Return why a request is not done for a child and never will be; empty: it is done. None: it may be."""
    child = draft.children[index]
    refused = overruled(draft, what, index, lives)
    if refused:
        return refused
    if what == "stop":
        return "" if child.phase == EXITED else None
    if child.generation >= lives and child.phase == STARTING:
        routing.poll_later(draft, index)
    up = child.phase == RUNNING or (child.phase == LINGERING and draft.lives(index))
    ready = child.ready or draft.plan.children[index].ready is None
    return "" if child.generation >= lives and up and ready else None


def overruled(draft: Draft, what: str, index: int, lives: int) -> str:
    """Return why a request will never be done for a child; empty: it may be."""
    child, called = draft.children[index], name(draft, index)
    if what == "stop":
        gone = child.asked == "stop" or child.phase == EXITED
        return "" if gone else f"somebody else has asked to start or restart {called}"
    if draft.state.stop is not None:
        return "the container stops"
    if child.asked == "stop":
        return f"somebody else has asked to stop {called}"
    if child.phase == EXITED or (child.phase == BACKING_OFF and child.generation >= lives):
        if child.generation < lives:
            return f"{called} is not started: what it needs has exited"
        again = ", and is started again later" if child.phase == BACKING_OFF else ""
        return f"{called} has exited with {child.status}{again}"
    return ""


SIGNALLING: dict[str, Callable[[Draft, Requested], str]] = {"send": send, "send-raw": send_raw}
"""Requests that are answered at once: they return why that is refused, or nothing."""

CHANGING: dict[str, Callable[[Draft, int], int]] = {"stop": stop_it, "start": start_it, "restart": restart_it}
"""Requests that take a while: they return how many lives a child has begun when it does what is asked for."""

REQUESTS = (*SIGNALLING, *CHANGING)
"""What can be asked for."""

HANDLERS[Requested] = on_requested
