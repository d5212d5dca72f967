"""Each of the signals 1 to 64, sent to the init."""

from __future__ import annotations

from tests.real.drop_in.pause import paused
from tests.real.drop_in.play import (
    burst,
    deadly,
    fatal,
    ignoring,
    inside,
    parent_dies,
    parent_takes_it_along,
    signal_key,
    signals,
    stopped_child,
    stopping,
    suspended,
)
from tests.real.drop_in.scenario import Scenario, Setting

PID1, UNDER = Setting("pid1"), Setting("under")

#: Every signal that one can be sent and live: 9 and 19 are the kernel's. (dumb-init looks those over 31 up behind the
#: end of a table of its own; what is there makes it forward them.)
ALL = tuple(number for number in range(1, 65) if number not in (9, 19))

#: What an init that is no PID 1 dies of: what it does not block, the two that libc lets nobody block among them. (As
#: PID 1 it does not: the kernel does not let it, pid_namespaces(7).)
FAULTS = (4, 5, 6, 7, 8, 11, 31)
FATAL = {"tini": (*FAULTS, 32, 33), "dumb-init": (32, 33), "catatonit": (*FAULTS, 32, 33)}

#: Upon these dumb-init stops itself and, in its session mode, the child's group: a play of their own.
SUSPENDING = (20, 21, 22)

OPTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "tini": ((), ("-g",)),
    "dumb-init": ((), ("-c",)),
    "catatonit": ((), ("-g",)),
}


def _taken(program: str, setting: Setting) -> tuple[int, ...]:
    left_out = SUSPENDING if program == "dumb-init" else ()
    return tuple(
        number for number in ALL if number not in left_out and not (setting is UNDER and number in FATAL[program])
    )


def _each(program: str, setting: Setting, *options: str, every_way: bool = False, **environ: str) -> Scenario:
    numbers = _taken(program, setting)
    keys = tuple(signal_key(number) for number in numbers)
    return Scenario(
        program, "each signal", keys, signals(numbers), options, setting=setting, environ=environ, every_way=every_way
    )


def _some(numbers: tuple[int, ...], *options: str, **environ: str) -> Scenario:
    keys = tuple(signal_key(number) for number in numbers)
    return Scenario("dumb-init", "some signals", keys, signals(numbers), options, setting=PID1, environ=environ)


def _suspended(number: int, setting: Setting, *options: str) -> Scenario:
    keys = ("child", "init", "child gets")
    return Scenario("dumb-init", f"suspended by {number}", keys, suspended(number), options, setting=setting)


#: What ends a process that has no handler for it (signal(7)), of what the init forwards.
DEADLY = (1, 2, 3, 10, 12, 13, 14, 15, 16, 24, 25, 26, 27, 29, 30, 34, 40, 64)


def _stopped(program: str, setting: Setting, *options: str, **environ: str) -> Scenario:
    keys = ("child", "TERM", "child gets")
    what = "TERM while the child is stopped"
    return Scenario(program, what, keys, stopped_child, options, environ=environ, setting=setting)


def _inside(program: str, setting: Setting, numbers: tuple[int, ...]) -> Scenario:
    keys = tuple(signal_key(number) for number in numbers)
    return Scenario(program, "from the child", keys, inside(numbers), setting=setting)


PAUSE = tuple(number for number in ALL if number not in (2, 15, *FATAL["catatonit"]))

SCENARIOS = [
    *(
        _each(program, setting, *options, every_way=setting is PID1 and not options)
        for program, several in OPTIONS.items()
        for options in several
        for setting in (PID1, UNDER)
    ),
    *(
        Scenario(
            program,
            f"killed by {number}",
            ("child gets", "child's parent"),
            fatal(number),
            # A program that must not be told what it is: verbose lines that are not written yet die with the init.
            setting=UNDER,
        )
        for program, numbers in FATAL.items()
        for number in (9, *numbers)
    ),
    *(
        _suspended(number, setting, *options)
        for number in SUSPENDING
        for setting in (PID1, UNDER)
        for options in ((), ("-c",), ("-r", f"{number}:10"), ("-r", f"{number}:0", "-r", f"{number}:{number}"))
    ),
    *(_stopped(program, setting) for program in OPTIONS for setting in (PID1, UNDER)),
    # Each change of a child's state is a SIGCHLD.
    _stopped("tini", PID1, "-vvv"),
    _stopped("dumb-init", PID1, "-v"),
    _stopped("catatonit", PID1, CATATONIT_DEBUG=""),
    *(
        Scenario(program, f"{number}, no handler", (), deadly(number), options, setting=setting)
        for program, several in OPTIONS.items()
        for options in several
        for setting in (PID1, UNDER)
        for number in (DEADLY + (FAULTS if program == "dumb-init" else ()) if setting is PID1 else (1, 15, 10))
    ),
    *(
        Scenario(program, "20, no handler", ("child",), stopping(20), options, setting=setting)
        for program, options in (("tini", ()), ("tini", ("-g",)))
        for setting in (PID1, UNDER)
    ),
    *(
        Scenario(program, "the child ignores it", ("child gets",), ignoring, setting=PID1, every_way=True)
        for program in OPTIONS
    ),
    *(
        Scenario(program, "burst", ("child gets",), burst, setting=setting)
        for program in OPTIONS
        for setting in (PID1, UNDER)
    ),
    # KILL and STOP too: for a PID 1 they are nothing that its own children can send (pid_namespaces(7)).
    *(_inside(program, PID1, (1, 15, 17, 28, 34, 9, 19, 11, 6)) for program in ("tini", "catatonit")),
    *(_inside(program, UNDER, (1, 2, 10, 15, 17, 28, 34)) for program in OPTIONS),
    _inside("dumb-init", PID1, (1, 15, 17, 28, 34, 9, 19)),
    # The rewrite table of dumb-init: what is sent is what is looked up.
    _some((1, 2, 10, 15, 34), "-r", "15:3"),
    _some((2, 3, 15), "--rewrite=15:3"),
    _some((2, 3, 15), "--rewrite", "15:3"),
    _some((2, 3, 15), "--rew", "15:3", "--rewrite=2:15"),
    _some((3, 15), "-r15:3", "-r", "3:15"),
    _some((3, 15), "-r", "15:3", "-r", "15:10"),
    _some((3, 15), "-r", "15:0"),
    _some((3, 15), "-r", "15:3x"),
    _some((3, 15), "-r", "15:+3"),
    _some((3, 15), "-r", " 15:3"),
    _some((3, 15), "-r", "15: 3"),
    _some((3, 15), "-r", "015:03"),
    _some((2, 15), "-c", "-r", "15:2"),
    _some((2, 15), "-cr", "15:2"),
    _some((2, 17), "-r", "17:2"),
    _some((1, 31), "-r", "1:31", "-r", "31:1"),
    _some((15,), DUMB_INIT_SETSID="0"),
    # The parent's death (tini -p): a signal to tini, like any other.
    *(
        Scenario(
            "tini",
            f"the parent dies, -p {name}",
            ("child gets",),
            parent_takes_it_along if name == "SIGKILL" else parent_dies,
            ("-p", name),
            setting=Setting("middle"),
        )
        for name in ("SIGTERM", "SIGUSR1", "SIGHUP", "SIGKILL", "SIGWINCH", "SIGCHLD")
    ),
    *(
        Scenario(
            "catatonit",
            f"pause, then {last}",
            tuple(signal_key(number) for number in PAUSE),
            paused(PAUSE, last),
            options,
            (),
            setting=Setting(place, open="9"),
        )
        for last, options, place in (
            (15, ("-P",), "under"),
            (2, ("-P",), "pid1"),
            (15, ("-gP",), "pid1"),
            (2, ("-P", "-", "unused"), "under"),
        )
    ),
]
