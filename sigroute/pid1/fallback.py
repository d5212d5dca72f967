"""What remains of sigroute after an error of its own: each action's first signal, and reaping.

Deliberately apart from the engine, whose state may be what is broken: it knows pids and tables.
"""

from __future__ import annotations

from sigroute.pid1.effects import Kill
from sigroute.pid1.events import Childless, Exited
from sigroute.pid1.state import READY, STARTING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.events import Signal
    from sigroute.pid1.kernel import Kernel
    from sigroute.pid1.log import Log
    from sigroute.pid1.plan import Plan
    from sigroute.pid1.state import State


def fall_back(plan: Plan, state: State, kernel: Kernel, log: Log) -> int:
    """Forward and reap until no child is left; return the exit code of the first that counts."""
    pids = {child.pid: index for index, child in enumerate(state.children) if child.phase in (STARTING, READY)}
    statuses = {index: child.status for index, child in enumerate(state.children)}
    while pids:
        exits, more = kernel.reap()
        for event in exits:
            if isinstance(event, Exited) and event.pid in pids:
                statuses[pids.pop(event.pid)] = event.status
            elif isinstance(event, Childless):
                pids.clear()
        if pids:
            signal = kernel.wait(kernel.now() if more else None)
            if signal is not None:
                for pid, index in pids.items():
                    send_first(plan, kernel, signal, pid, index)
    main = plan.command or 0
    status = statuses.get(main)
    return 1 if status is None else status


def send_first(plan: Plan, kernel: Kernel, signal: Signal, pid: int, index: int) -> None:
    """Send the first signal of the action that applies to a ready child."""
    action = plan.actions[plan.tables[plan.children[index].ready][signal.sender][signal.signal]]
    if action.steps:
        number = action.steps[0].signal or signal.signal
        kernel.perform(Kill(child=index, pid=pid, signal=number, origin="fallback"))
