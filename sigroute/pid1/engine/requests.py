"""What somebody asks for at the control socket: ``sigroute send`` and the like.

A request acts on single children, and never asks for the stop of the container. So a signal from here has the sender
``sigroute``: only rules without a sender apply to it.

PID 1 loads this only if there is a control socket.
"""

from __future__ import annotations

from sigroute.pid1.engine import routing
from sigroute.pid1.engine.effects import Effect, Kill
from sigroute.pid1.engine.events import NO_SIGNAL, Event
from sigroute.pid1.engine.life import ALIVE, PRESENT
from sigroute.pid1.engine.state import Arrival
from sigroute.pid1.engine.step import HANDLERS
from sigroute.pid1.names import name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from sigroute.pid1.engine.draft import Draft


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
    draft.emit(Reply(number=event.number, refused=REQUESTS[event.what](draft, event)))


def shown(draft: Draft, event: Requested) -> str:
    """Return a request in words."""
    names = " ".join([draft.plan.children[index].name for index in event.children])
    signal = f" {name_of(event.signal)}" if event.signal else ""
    return f"{event.what} {names}{signal} (pid {event.pid}, uid {event.uid})"


def send(draft: Draft, event: Requested) -> str:
    """Route a signal to these children by the rules; return why that is not possible."""
    present = [index for index in event.children if draft.children[index].phase in PRESENT]
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
    """Return the words for children none of which has a process."""
    return ", ".join([f"{draft.plan.children[each].name} is {draft.children[each].phase}" for each in event.children])


REQUESTS: dict[str, Callable[[Draft, Requested], str]] = {"send": send, "send-raw": send_raw}
"""What can be asked for."""

HANDLERS[Requested] = on_requested
