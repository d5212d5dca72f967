"""Exit codes 0 to 255, and deaths by each signal."""

from __future__ import annotations

from tests.real.drop_in.batch import batch, of_batch
from tests.real.drop_in.scenario import WITNESS, Scenario, Setting

#: Signals that end nobody: ignored by default, or stopping (signal(7)). 32 and 33 end whoever is sent them.
HARMLESS = (17, 18, 19, 20, 21, 22, 23, 28)
RANGES = ((1, 16), (24, 27), (29, 64))


def _batch(program: str, place: str, how: str, first: int, last: int, *options: str) -> Scenario:
    return Scenario(
        program,
        f"{how} {first}-{last}",
        of_batch(first, last),
        batch,
        options=options,
        command=(WITNESS, how, "{}"),
        setting=Setting(place, each=f"{first}-{last}"),
    )


SCENARIOS = [
    _batch(program, place, how, first, last)
    for program in ("tini", "dumb-init", "catatonit")
    for place, how, ranges in (
        ("under", "exit", ((0, 63), (64, 127), (128, 191), (192, 255))),
        ("pid1", "exit", ((0, 2), (125, 128), (254, 255))),
        ("under", "die", RANGES),
        ("pid1", "die", RANGES),
    )
    for first, last in ranges
] + [
    # -e N: that code is 0 then, 128 + signal as well.
    _batch("tini", "pid1", "exit", 6, 8, "-e", "7"),
    _batch("tini", "pid1", "exit", 0, 1, "-e", "0"),
    _batch("tini", "pid1", "exit", 1, 4, "-e1", "-ge3"),
    _batch("tini", "under", "die", 14, 16, "-e", "143"),
    _batch("tini", "under", "exit", 254, 255, "-e", "255", "-g"),
    _batch("dumb-init", "under", "exit", 3, 4, "-c"),
    _batch("dumb-init", "pid1", "die", 14, 16, "-c"),
    _batch("catatonit", "under", "exit", 3, 4, "-g"),
    _batch("catatonit", "pid1", "die", 14, 16, "-g"),
]
