"""The events of effects that the kernel refuses."""

from __future__ import annotations

import posix

from sigroute.pid1.engine.effects import Decide, Inspect, Kill, KillOther, List, Probe, Run, Spawn
from sigroute.pid1.engine.events import Inspected, Listed, NotSent, NotSpawned, Probed, RunNotStarted
from sigroute.pid1.kernel.abi import ESRCH
from sigroute.pid1.kernel.refusals import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Effect
    from sigroute.pid1.engine.events import Event


def failed(effect: Effect, error: OSError | MemoryError) -> Event | None:
    """Return the event of a refused effect; None if nobody waits for one."""
    reason = words(error)
    if isinstance(effect, (Spawn, Decide)):
        return NotSpawned(child=effect.child, status=0, reason=reason)
    if isinstance(effect, Run):
        return RunNotStarted(run=effect.run, reason=reason)
    if isinstance(effect, (Kill, KillOther)):
        return not_sent(effect, error)
    return unread(effect, reason)


def unread(effect: Effect, reason: str) -> Event | None:
    """Return the event of an effect that can't read what it is to tell."""
    if isinstance(effect, Inspect):
        return Inspected(child=effect.child, names=(), handled=None, reason=reason)
    if isinstance(effect, Probe):
        return Probed(child=effect.child, well=False, progress=effect.progress)
    if isinstance(effect, List):
        return Listed(processes=None, me=posix.getpid(), reason=reason)
    return None


def not_sent(effect: Kill | KillOther, error: OSError | MemoryError) -> NotSent | None:
    """Return the event of a signal that was not sent. A target that has gone is no failure (kill(2), ESRCH)."""
    if isinstance(error, OSError) and error.errno == ESRCH:
        return None
    return NotSent(child=effect.child, pid=effect.pid, signal=effect.signal, reason=words(error))
