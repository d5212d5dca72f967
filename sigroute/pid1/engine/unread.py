"""A child, or the list of processes, could not be read: the next try may succeed, so the decision waits for it."""

from __future__ import annotations

from sigroute.pid1.engine import stop

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

#: The second try comes AFTER milliseconds later, and each pause is twice as long as the one before. After UNREAD
#: failures in a row the engine decides without. The longest pause is AFTER times 2 to the power of MOST_RARELY.
AFTER, UNREAD, MOST_RARELY = 100, 4, 7


def is_unread(draft: Draft, index: int, reason: str) -> bool:
    """Tell whether a child could not be inspected this time, and a decision has to wait for another try."""
    child = draft.children[index]
    if not reason:
        if child.read_failures:
            draft.change(index, read_failures=0, poll_at=child.poll_at if child.held else None)
        return False
    if not child.read_failures or child.poll_at is None:  # an inspection between two tries does not count
        child = draft.change(index, read_failures=count_unread(draft, child.read_failures, reason))
        if child.read_failures >= UNREAD:
            return False
        draft.change(index, poll_at=draft.now + pause(child.read_failures))
    for arrival in child.inbox:
        stop.notice(draft, index, arrival)
    return True


def count_unread(draft: Draft, number: int, reason: str) -> int:
    """Return how often in a row something could not be read; log the first failure.

    :param number: the failures before this try.
    :param reason: why this try has failed; empty: it has succeeded.
    """
    if reason and not number:
        draft.say("unread", text=reason)
    return number + 1 if reason else 0


def pause(number: int) -> int:
    """Return the milliseconds until the next try, after so many failures in a row."""
    return AFTER << min(number - 1, MOST_RARELY)
