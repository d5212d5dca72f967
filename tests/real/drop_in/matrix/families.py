"""Groups, orphans, stragglers."""

from __future__ import annotations

from tests.real.drop_in.family import OF_ORPHANS, OF_STRAGGLERS, everyone, of_everyone, orphans, stragglers
from tests.real.drop_in.pause import guests
from tests.real.drop_in.play import elder
from tests.real.drop_in.scenario import Scenario, Setting

PID1, UNDER = Setting("pid1"), Setting("under")

SENT = (15, 10, 40)


def _everyone(program: str, setting: Setting, *options: str, **environ: str) -> Scenario:
    return Scenario(
        program, "who gets what", of_everyone(SENT), everyone(SENT), options, setting=setting, environ=environ
    )


def _orphans(program: str, setting: Setting, *options: str, every_way: bool = False, **environ: str) -> Scenario:
    return Scenario(
        program, "orphans", OF_ORPHANS, orphans, options, setting=setting, environ=environ, every_way=every_way
    )


def _stragglers(program: str, order: str, *options: str, every_way: bool = False, **environ: str) -> Scenario:
    return Scenario(
        program, f"stragglers, {order}", OF_STRAGGLERS, stragglers(order), options, setting=UNDER, environ=environ,
        every_way=every_way,
    )  # fmt: skip


SCENARIOS = [
    *(
        _everyone(program, setting, *options)
        for program, options in (
            ("tini", ()), ("tini", ("-g",)), ("tini", ("-gg",)), ("dumb-init", ()), ("dumb-init", ("-c",)),
            ("dumb-init", ("--single-child",)), ("catatonit", ()), ("catatonit", ("-g",)),
        )
        for setting in (PID1, UNDER)
    ),
    _everyone("tini", PID1, TINI_KILL_PROCESS_GROUP=""),
    _everyone("tini", PID1, TINI_KILL_PROCESS_GROUP="0"),
    _everyone("dumb-init", PID1, DUMB_INIT_SETSID="0"),
    _everyone("dumb-init", PID1, DUMB_INIT_SETSID="1"),
    _everyone("dumb-init", PID1, DUMB_INIT_SETSID="00"),
    _everyone("dumb-init", PID1, "-c", DUMB_INIT_SETSID="1"),
    _everyone("dumb-init", PID1, "-r", "10:12"),
    *(_orphans(program, PID1, every_way=True) for program in ("tini", "dumb-init", "catatonit")),
    *(_orphans(program, UNDER, every_way=True) for program in ("tini", "dumb-init", "catatonit")),
    _orphans("tini", UNDER, "-s"),
    _orphans("tini", UNDER, "-w"),
    _orphans("tini", UNDER, "-sw"),
    _orphans("tini", PID1, "-w"),
    _orphans("tini", UNDER, TINI_SUBREAPER=""),
    _orphans("tini", UNDER, TINI_SUBREAPER="0"),
    _orphans("tini", UNDER, "-w", TINI_SUBREAPER="1", TINI_VERBOSITY="0"),
    _orphans("docker-init", UNDER, "-s"),
    *(
        Scenario(program, "an elder child", ("elder", "child gets"), elder, options,
                 setting=Setting(place, elder="yes"))
        for program, options in (("tini", ()), ("tini", ("-w",)), ("dumb-init", ()), ("dumb-init", ("-v",)),
                                 ("catatonit", ()))
        for place in ("pid1", "under")
    ),
    *(
        _stragglers(program, order, *options, every_way=not options and order == "exit 5")
        for program, options in (
            ("tini", ()), ("tini", ("-g",)), ("tini", ("-s",)), ("dumb-init", ()), ("dumb-init", ("-c",)),
            ("catatonit", ()), ("catatonit", ("-g",)),
        )
        for order in ("exit 5", "die 9")
    ),
    Scenario("catatonit", "pause, orphans of another", OF_ORPHANS, guests, ("-P",), (),
             setting=Setting("pid1", open="9")),
    _stragglers("dumb-init", "exit 5", "-r", "15:3"),
    _stragglers("dumb-init", "exit 5", "-r", "15:0"),
    _stragglers("dumb-init", "exit 5", DUMB_INIT_SETSID="0"),
]  # fmt: skip
