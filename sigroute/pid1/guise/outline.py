"""The plan that a guise makes of its routes."""

from __future__ import annotations

from sigroute.pid1.command import name_after
from sigroute.pid1.names import RTMAX, STANDARD
from sigroute.pid1.plan import ANY_CODE, FORWARD, SENDERS, Action, ChildPlan, Plan, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.guise.routes import Routes

#: The terminal sends these to its whole foreground process group (tty_ioctl(4)).
TYPED = frozenset(STANDARD[name] for name in ("INT", "QUIT", "TSTP", "WINCH"))


def plan_of(routes: Routes, command: tuple[bytes, ...]) -> Plan:
    """Return the plan: one child or none. When it has exited that is the end, whoever else is left."""
    if routes.ends:
        return Plan(children=(), tables=(), actions=(), stop=routes.ends, drain=None, exit_map={ANY_CODE: 0})
    actions: dict[object, Action] = {}

    def row(sent: dict[int, int]) -> tuple[int, ...]:
        found = []
        for signal in range(RTMAX + 1):
            which = (signal, sent[signal]) if signal in sent else signal if signal in routes.halts else FORWARD
            actions.setdefault(which, action_of(routes, signal, sent.get(signal)))
            found.append(list(actions).index(which))
        return tuple(found)

    usual = row(routes.sent)
    table = dict.fromkeys(SENDERS, usual)
    if routes.shared:
        table["tty"] = row({**routes.sent, **dict.fromkeys(TYPED, 0)})
    child = ChildPlan(name=name_after(command[0]), argv=command, ready=0, starting=0, terminal=True)
    return Plan(
        children=(child,),
        tables=(table,),
        actions=tuple(actions.values()),
        stop=frozenset(),
        drain=None,
        farewell=routes.farewell,
        command=0,
        exit_map=routes.codes,
        always_map=True,
    )


def action_of(routes: Routes, signal: int, sent: int | None) -> Action:
    """Return what is done for a signal: forwarded, rewritten, or nothing."""
    halts = signal in routes.halts
    origin = "" if sent is None else f"{signal}:{sent}"
    if sent == 0:
        return Action(origin=origin, do="drop", halts=halts)
    return Action(origin=origin, steps=(Step(wait=0, signal=sent or FORWARD),), scope=routes.scope, halts=halts)
