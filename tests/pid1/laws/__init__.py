"""The engine's guarantees as laws over one event and what came of it: each states what any history must obey.

They know the plan and what happened, and believe the state only where another law holds it to that: so when a wait
ends is computed from its beginning, a status taken from the event that brought it, a tree read from the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pid1.laws.actions import Actions
from tests.pid1.laws.commands import Commands
from tests.pid1.laws.ends import Ends
from tests.pid1.laws.jobs import Jobs
from tests.pid1.laws.others import Others
from tests.pid1.laws.phases import Phases
from tests.pid1.laws.reach import Reach
from tests.pid1.laws.stops import Stops
from tests.pid1.laws.unread import Unread
from tests.pid1.laws.values import Values
from tests.pid1.laws.waits import Waits

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pid1.laws.moment import Moment


def all_laws() -> list[Callable[[Moment], None]]:
    """Return every law, of objects of its own: some remember what has happened."""
    parts = (Ends(), Actions(), Reach(), Waits(), Commands(), Others(), Stops(), Phases(), Jobs(), Values(), Unread())
    return [getattr(part, name) for part in parts for name in vars(type(part)) if not name.startswith("_")]
