"""What the child and the init find themselves in."""

from __future__ import annotations

from tests.real.drop_in.facts import FOUND, OF_INIT
from tests.real.drop_in.play import state
from tests.real.drop_in.scenario import RECORD, Scenario, Setting

#: Not CHLD ignored: the children of tini and catatonit vanish then without a status, and these wait for ever.
SOME = frozenset({1, 2, 3, 10, 12, 13, 15, 20, 21, 22, 25, 28, 40, 64})
PLACES = ("pid1", "under")

OPTIONS: dict[str, tuple[tuple[str, ...], ...]] = {
    "tini": ((), ("-g",), ("-s",)),
    "docker-init": ((),),
    "dumb-init": ((), ("-c",)),
    "catatonit": ((), ("-g",)),
}


def _state(program: str, what: str, setting: Setting, *options: str, every_way: bool = False, **env: str) -> Scenario:
    return Scenario(
        program, what, (*FOUND, *OF_INIT), state, options, (*RECORD, "a b", "", "*", "\u00e9"), env, setting,
        every_way=every_way,
    )  # fmt: skip


#: A Python ignores some signals itself, and can't tell whether it was started so: this is for the static form alone.
EVERY = "state, every signal ignored"

SCENARIOS = [
    *(
        _state(program, "state", Setting(place), *options, every_way=not options)
        for program, several in OPTIONS.items()
        for options in several
        for place in PLACES
    ),
    *(
        _state(program, what, setting, every_way=("blocked" in what or "ignored" in what) and what != EVERY)
        for program in ("tini", "dumb-init", "catatonit")
        for what, setting in (
            ("state, signals ignored", Setting("pid1", ignored=SOME)),
            ("state, signals blocked", Setting("pid1", blocked=SOME)),
            ("state, signals ignored and blocked", Setting("under", ignored=SOME, blocked=SOME)),
            (EVERY, Setting("under", ignored=frozenset(range(1, 65)) - {17})),
            ("state, every signal blocked", Setting("under", blocked=frozenset(range(1, 65)))),
            ("state, not leading its group", Setting("under", session="member", group="same")),
            ("state, leading its group", Setting("under", session="member")),
            ("state, PID 1 in somebody's session", Setting("pid1", session="member")),
            ("state, descriptors", Setting("pid1", open="3,4,9")),
            ("state, descriptors 5", Setting("under", open="5", listen="own")),
        )
    ),
    *(
        _state(program, "state, LISTEN_PID of its own", Setting(place, open="3", listen="own"))
        for program in ("tini", "dumb-init", "catatonit")
        for place in PLACES
    ),
    *(
        _state(program, "state, LISTEN_PID of another", Setting("under", open="3"), LISTEN_PID=text, LISTEN_FDS="1")
        for program in ("tini", "dumb-init", "catatonit")
        for text in ("77777", "x", "")
    ),
    _state("dumb-init", "state, CHLD ignored", Setting("pid1", ignored=frozenset({17}))),
    # What is in the environment for the init reaches the child as it is.
    _state("tini", "state", Setting("pid1"), TINI_SUBREAPER="", TINI_KILL_PROCESS_GROUP="", TINI_VERBOSITY="0"),
    _state("dumb-init", "state", Setting("pid1"), DUMB_INIT_SETSID="0", DUMB_INIT_DEBUG="0"),
    _state("dumb-init", "state", Setting("pid1"), DUMB_INIT_SETSID="1"),
    _state("dumb-init", "state", Setting("pid1"), DUMB_INIT_SETSID=""),
    _state("catatonit", "state", Setting("pid1"), LANG="C", EMPTY=""),
    # With stdin closed tini does not start its child: in matrix/usage.py.
    _state("dumb-init", "state, stdin closed", Setting("pid1", stdin="closed")),
    _state("dumb-init", "state, stdin closed", Setting("under", stdin="closed"), "-c"),
    _state("catatonit", "state, stdin closed", Setting("pid1", stdin="closed")),
]
