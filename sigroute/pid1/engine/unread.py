"""What could not be read this time: that says nothing of the next, so it is read again before anything is decided."""

from __future__ import annotations

from sigroute.pid1.engine.stop import notice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

#: It is looked at again after so many milliseconds, then twice as many; UNREAD times before it is done without. Further
#: looks come ever more rarely: AFTER times 2 to the power of MOST_RARELY.
AFTER, UNREAD, MOST_RARELY = 100, 4, 7


def is_unread(draft: Draft, index: int, reason: str) -> bool:
    """Tell whether a child is to be looked at again before anything is decided, as it could not be read this time."""
    child = draft.children[index]
    if not reason:
        if child.read_failures:
            draft.change(index, read_failures=0, look_at=child.look_at if child.held else None)
        return False
    if not child.read_failures or child.look_at is None:  # a look between two of these does not count
        child = draft.change(index, read_failures=count_unread(draft, child.read_failures, reason))
        if child.read_failures >= UNREAD:
            return False
        draft.change(index, look_at=draft.now + pause(child.read_failures))
    for arrival in child.inbox:
        notice(draft, index, arrival)
    return True


def count_unread(draft: Draft, number: int, reason: str) -> int:
    """Return how often in a row something could not be read by now; tell the first time.

    :param reason: why it could not be read this time; empty: it could.
    """
    if reason and not number:
        draft.say("unread", text=reason)
    return number + 1 if reason else 0


def pause(number: int) -> int:
    """Return for how long what could not be read so often in a row is left alone, in milliseconds."""
    return AFTER << min(number - 1, MOST_RARELY)
