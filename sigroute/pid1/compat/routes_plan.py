"""Makes the plan of a stand-in from its routes."""

from __future__ import annotations

from sigroute.pid1.entry.command import name_after
from sigroute.pid1.names import RTMAX, name_of
from sigroute.pid1.plan import ANY_CODE, FORWARD, SENDERS, Action, ChildPlan, DrainPlan, Plan, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.compat.routes import Routes


def plan_of(routes: Routes, command: tuple[bytes, ...]) -> Plan:
    """Return the plan: it has one child or none. The end of that child is the end of sigroute."""
    if routes.ends:
        return Plan(children=(), tables=(), actions=(), stop_signals=routes.ends, drain=None, exit_map={ANY_CODE: 0})
    actions: dict[object, Action] = {}
    row = []
    for signal in range(RTMAX + 1):
        own = signal in routes.sent or signal in routes.stops_self
        which = signal if own else FORWARD
        actions.setdefault(which, action_of(routes, signal))
        row.append(list(actions).index(which))
    child = ChildPlan(name=name_after(command[0]), argv=command, running=0, starting=0, terminal=True)
    return Plan(
        children=(child,),
        tables=(dict.fromkeys(SENDERS, tuple(row)),),
        actions=tuple(actions.values()),
        stop_signals=frozenset(),
        drain=DrainPlan(signal=routes.farewell, wait=None, scope="process-group") if routes.farewell else None,
        command=0,
        exit_map=routes.codes,
    )


def action_of(routes: Routes, signal: int) -> Action:
    """Return the action for a signal: forward, rewrite or drop it."""
    sent, stops = routes.sent.get(signal), signal in routes.stops_self
    origin = "" if sent is None else name_of(signal)
    if sent == 0:
        return Action(origin=origin, do="drop", stops_self=stops)
    return Action(origin=origin, steps=(Step(wait=0, signal=sent or FORWARD),), scope=routes.scope, stops_self=stops)
