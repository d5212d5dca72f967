"""The observer that writes the journal: each step of the engine as a line of JSON.

A head has the plan and the state before the next step. It comes first in each file and in each run, and after each gap:
so whatever is between two heads can be done again by itself. The environment of the children is left out of the plan,
as it may have passwords; the engine does not read it.
"""

from __future__ import annotations

from sigroute.pid1.engine.effects import Exit
from sigroute.pid1.journal.as_json import as_json
from sigroute.pid1.journal.seal import NONE, seal_of, sealed
from sigroute.pid1.kernel import clock
from sigroute.pid1.kernel.journal_file import JournalFile
from sigroute.pid1.log import narrate
from sigroute.pid1.log.log import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.engine.state import State
    from sigroute.pid1.log.log import Log
    from sigroute.pid1.plan import Plan

#: The version of the format.
VERSION = 1

#: Milliseconds after which a file is tried again that could not be written.
AGAIN = 1_000


class Journal:
    """Writes steps, as far as the file takes them."""

    def __init__(self, plan: Plan, log: Log) -> None:
        self.plan = without_secrets(plan)
        self.log = log
        self.file = JournalFile(plan.journal)
        self.seal = NONE
        #: The file has a head, and all steps since.
        self.whole = False
        #: Steps were lost since the last line.
        self.gap = False
        self.try_at = 0
        self.told = False
        #: Tells the parts of one run from those of another.
        self.run = clock.milliseconds()

    def observe(self, now: int, before: State, event: Event, effects: list[Effect], _after: State) -> None:
        """Write a step."""
        last = any(isinstance(effect, Exit) for effect in effects)
        if now < self.try_at and not last:
            return
        whole, self.whole = self.whole, False  # if an error keeps it from being written, it is not
        lost, self.gap = self.gap, True
        if not whole:
            whole = self.begin(now, before, gap=lost)
        if whole:
            did = ", ".join([as_json(effect) for effect in effects])
            whole = self.write(now, f'{{"at": {now}, "event": {as_json(event)}, "effects": [{did}]')
        self.whole, self.gap = whole, not whole
        if whole and self.file.is_full():
            self.file.turn()
            self.whole = False

    def begin(self, now: int, state: State, *, gap: bool) -> bool:
        """Write a head; tell whether that was possible."""
        trouble = self.file.open()
        if trouble:
            self.fail(now, trouble)
            return False
        self.seal = NONE
        known = f'"run": {self.run}, "at": {now}, "plan": {as_json(self.plan)}, "state": {as_json(state)}'
        return self.write(
            now, f'{{"journal": {VERSION}, "time": {quote(clock.stamp())}, "gap": {as_json(gap)}, {known}'
        )

    def write(self, now: int, text: str) -> bool:
        """Write a line; tell whether that was possible."""
        data = text.encode()
        self.seal = seal_of(data, self.seal)
        trouble = self.file.write(sealed(data, self.seal))
        if trouble:
            self.fail(now, trouble)
        return not trouble

    def fail(self, now: int, trouble: str) -> None:
        """Try again later, and tell the first trouble."""
        self.try_at = now + AGAIN
        if not self.told:
            self.told = True
            path = self.plan.journal.decode("utf-8", "replace")
            self.log.tell(narrate.line("no-journal", {"text": f"{path}: {trouble}"}))


def without_secrets(plan: Plan) -> Plan:
    """Return a plan without the environments of its children."""
    return plan.but(children=tuple([child.but(world=child.world.but(env={}, env_files=())) for child in plan.children]))
