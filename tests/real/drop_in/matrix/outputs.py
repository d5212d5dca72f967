"""What is said while all goes well: verbosity and debugging."""

from __future__ import annotations

from tests.real.drop_in.family import OF_ORPHANS, orphans
from tests.real.drop_in.play import ends, signal_key, signals
from tests.real.drop_in.scenario import WITNESS, Play, Scenario, Setting

ENDS = ((WITNESS, "exit", "7"), (WITNESS, "die", "15"), ("nowhere",))
PLACES = ("pid1", "under")

#: Not with a command that is not found from -vvv on (or -vv with -s): what tini has written so far is in the buffer of
#: both processes, and comes twice.
TINI: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("-v",), {}), (("-vv",), {}), (("-vvv",), {}), (("-vvvv",), {}), (("-vvg",), {}), (("-v", "-s", "-v"), {}),
    (("-w",), {}), (("-vvw", "-e7"), {}), (("-e", "143", "-vv"), {}), (("-s",), {}), (("-svvv",), {}),
    *(((), {"TINI_VERBOSITY": level}) for level in ("0", "1", "2", "3", "4", "abc", "", " 2", "3x", "-1")),
    (("-vv",), {"TINI_VERBOSITY": "0"}), (("-vv",), {"TINI_VERBOSITY": "1"}),
)  # fmt: skip

DUMB_INIT: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    (("-v",), {}), (("--verbose",), {}), (("-vc",), {}), (("--verb", "-r", "15:3"), {}),
    *(((), {"DUMB_INIT_DEBUG": value}) for value in ("1", "0", "", "11", "true")),
    (("-v",), {"DUMB_INIT_DEBUG": "1"}), (("-v",), {"DUMB_INIT_DEBUG": "0"}), ((), {"DUMB_INIT_SETSID": "0"}),
    ((), {"DUMB_INIT_DEBUG": "1", "DUMB_INIT_SETSID": "0"}), (("-v", "-r", "15:0"), {}),
)  # fmt: skip

CATATONIT: tuple[tuple[tuple[str, ...], dict[str, str]], ...] = (
    *(((), {"CATATONIT_DEBUG": value}) for value in ("1", "", "0")), (("-g",), {"CATATONIT_DEBUG": "1"}),
)  # fmt: skip


def _is_doubled(words: tuple[str, ...], options: tuple[str, ...], environ: dict[str, str]) -> bool:
    loud = sum(option.count("v") for option in options) > 1 or environ.get("TINI_VERBOSITY", "0") in {"3", "4", "3x"}
    return words == ("nowhere",) and loud


def _end(program: str, options: tuple[str, ...], environ: dict[str, str], words: tuple[str, ...], at: str) -> Scenario:
    how = " ".join(words).replace(WITNESS, "").strip()
    return Scenario(program, f"said: {how}", (), ends, options, words, environ, Setting(at))


def _signals(program: str, at: str, *options: str, play: Play | None = None, **environ: str) -> Scenario:
    numbers = (1, 15, 34)
    keys = tuple(signal_key(number) for number in numbers)
    return Scenario(
        program, "said: signals", keys, play or signals(numbers), options, environ=environ, setting=Setting(at)
    )


SCENARIOS = [
    *(
        _end(program, options, environ, words, at)
        for program, several in (("tini", TINI), ("dumb-init", DUMB_INIT), ("catatonit", CATATONIT))
        for options, environ in several
        for words in ENDS
        for at in PLACES
        if program != "tini" or not _is_doubled(words, options, environ)
    ),
    *(
        scenario
        for at in PLACES
        for scenario in (
            _signals("tini", at, "-vvv"),
            _signals("tini", at, "-vv", "-g"),
            _signals("dumb-init", at, "-v"),
            _signals("dumb-init", at, "-v", "-r", "15:3", "-r", "1:0"),
            _signals("dumb-init", at, "-vc"),
            _signals("catatonit", at, CATATONIT_DEBUG=""),
        )
    ),
    *(
        Scenario(program, "said: orphans", OF_ORPHANS, orphans, options, environ=environ, setting=Setting(at))
        for program, options, environ in (
            ("tini", ("-w", "-s"), {}), ("tini", ("-vvvv", "-w"), {}), ("tini", ("-svvv",), {}),
            ("dumb-init", ("-v",), {}), ("dumb-init", ("-vc",), {}), ("catatonit", (), {"CATATONIT_DEBUG": "1"}),
        )
        for at in PLACES
    ),
]  # fmt: skip
