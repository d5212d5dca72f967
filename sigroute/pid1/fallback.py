"""What remains of sigroute after an error of its own: each action's first signal, and reaping.

Deliberately apart from the engine, whose state may be what is broken: it knows pids and tables.
"""

from __future__ import annotations

from sigroute.pid1.effects import Kill
from sigroute.pid1.events import Childless, Exited, NotSpawned, Signal, Spawned
from sigroute.pid1.plan import FORWARD
from sigroute.pid1.state import READY, STARTING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.events import Event
    from sigroute.pid1.kernel.seam import Kernel
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.state import State

#: What sigroute ends with where not even a child's status is known.
UNKNOWN = 1


def fall_back(plan: Plan, state: State, pending: list[Event], kernel: Kernel) -> int:
    """Forward and reap until no child is left; return the exit code of the one that took the command line."""
    pids = {child.pid: index for index, child in enumerate(state.children) if child.phase in (STARTING, READY)}
    statuses = {index: child.status for index, child in enumerate(state.children)}
    while True:
        for event in pending:
            if isinstance(event, Spawned):
                pids[event.pid] = event.child
            elif isinstance(event, (Exited, NotSpawned)) and event.pid in pids:
                statuses[pids.pop(event.pid)] = event.status
            elif isinstance(event, Childless):
                pids.clear()
            elif isinstance(event, Signal):
                try:  # noqa: SIM105 - contextlib is not for PID 1
                    send_first(plan, kernel, event, pids)
                except Exception:  # noqa: BLE001, S110 - what is wrong with it may be what the engine has failed by
                    pass
        if not pids:
            status = statuses.get(plan.command or 0)
            return UNKNOWN if status is None else status
        happened = kernel.reap() or kernel.wait(None)
        pending = [happened] if happened is not None else []


def send_first(plan: Plan, kernel: Kernel, signal: Signal, pids: dict[int, int]) -> None:
    """Send each child the first signal of the action that applies once it is ready."""
    for pid, index in pids.items():
        action = plan.actions[plan.tables[plan.children[index].ready][signal.sender][signal.signal]]
        if action.steps:
            number = action.steps[0].signal
            value = signal.value if number == FORWARD else None
            kernel.perform(Kill(child=index, pid=pid, signal=number or signal.signal, value=value, origin="fallback"))
