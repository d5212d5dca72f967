"""With a terminal."""

from __future__ import annotations

from tests.real.drop_in.facts import FOUND, OF_INIT
from tests.real.drop_in.play import signal_key, signals, state
from tests.real.drop_in.scenario import Scenario, Setting
from tests.real.drop_in.terminal import OF_TERMINAL, terminal

SETTINGS = {
    "a terminal": Setting("pid1", control="A", stdin="A"),
    "a terminal, under": Setting("under", control="A", stdin="A"),
    "a terminal, member, in the foreground": Setting("under", session="member", control="A", stdin="A"),
    "a terminal, member, in the background": Setting(
        "under", session="member", control="A", stdin="A", foreground="other"
    ),
    "a terminal, not leading its group": Setting("under", session="member", group="same", control="A", stdin="A"),
    "a terminal that is not stdin": Setting("pid1", control="A"),
    "a terminal that is not stdin, under": Setting("under", control="A"),
    "stdin a terminal that is not the controlling one": Setting("pid1", stdin="A"),
    "stdin another terminal than the controlling one": Setting("pid1", control="A", stdin="B"),
    "stdin another terminal, member": Setting("under", session="member", control="A", stdin="B"),
}  # fmt: skip

OPTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("tini", ()), ("dumb-init", ()), ("dumb-init", ("-c",)), ("catatonit", ()),
)  # fmt: skip

SENT = (1, 18, 15)

SCENARIOS = [
    *(
        Scenario(program, what, (*FOUND, *OF_INIT), state, options, setting=setting)
        for program, options in OPTIONS
        for what, setting in SETTINGS.items()
    ),
    # What is said there of the terminal.
    *(
        Scenario(
            program,
            f"said: {what}",
            tuple(signal_key(number) for number in SENT),
            signals(SENT),
            options,
            setting=setting,
        )
        for program, options in (("tini", ("-vvv",)), ("dumb-init", ("-v",)), ("dumb-init", ("-vc",)))
        for what, setting in SETTINGS.items()
    ),
    *(
        Scenario(
            "catatonit",
            f"said: {what}",
            tuple(signal_key(number) for number in SENT),
            signals(SENT),
            environ={"CATATONIT_DEBUG": ""},
            setting=setting,
        )
        for what, setting in SETTINGS.items()
    ),
    # Not dumb-init -c: the child shares its group, gets each key from the terminal and from the init, and the two may
    # be one by the time it looks.
    *(
        Scenario(
            program, f"keys: {what}", OF_TERMINAL, terminal, setting=SETTINGS[what], every_way=what == "a terminal"
        )
        for program in ("tini", "dumb-init", "catatonit")
        for what in ("a terminal", "a terminal, under")
    ),
]
