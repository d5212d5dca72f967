"""What a child finds, by name: no number in it may differ from run to run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.real.drop_in.run import Run

#: Told by native/witness.c before it has touched anything.
FOUND = (
    "parent", "group", "session", "SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd", "descriptors", "terminal",
    "foreground", "stdin-foreground", "cwd", "umask", "parent-death-signal", "subreaper", "files", "words",
    "environment", "LISTEN_PID",
)  # fmt: skip

#: Read from outside once the init is in its loop. Not compared: its command line and name, which are Python's.
OF_INIT = ("init's group", "init's session", "init's terminal", "init's cwd", "init's descriptors")


def found(run: Run, text: str) -> dict[str, str]:
    """Name what a child tells."""
    told = {name: rest for name, _, rest in (line.partition(" ") for line in text.splitlines())}
    facts = {name: told.get(name, "untold") for name in FOUND}
    facts["parent"] = run.name(int(told["parent"]))
    for name in ("group", "session"):
        facts[name] = _whose(told[name], told["pid"], told[f"parents-{name}"])
    facts |= terminal(told)
    variables = dict(each.partition("=")[::2] for each in told["environment"].split())
    listen = variables.pop("LISTEN_PID", "none")
    facts["environment"] = " ".join(f"{name}={value}" for name, value in sorted(variables.items()))
    facts["LISTEN_PID"] = run.name(int(listen)) if listen.isdecimal() else listen
    return facts


def terminal(told: Mapping[str, str]) -> dict[str, str]:
    """Name the terminal's side of it."""
    facts = {"terminal": told["terminal"], "stdin-foreground": told["stdin-foreground"]}
    facts["foreground"] = _whose(told["foreground"], told["group"], told["parents-group"])
    if told["stdin-foreground"].isdecimal():
        facts["stdin-foreground"] = _whose(told["stdin-foreground"], told["group"], told["parents-group"])
    return facts


def _whose(number: str, own: str, parents: str) -> str:
    names = {parents: "the init's", own: "its own", "-1": "none"}
    return names.get(number, "another") if own != parents or number != own else "both's"


def of_init(run: Run) -> dict[str, str]:
    """Name what is seen of the init."""
    pid = run.init.pid
    state, _, group, session, tty = run.stat(pid)[:5]
    assert state != "gone"
    passed = [number for number in run.setting.open.split(",") if number and _is_null(Path(f"/proc/{pid}/fd/{number}"))]
    return {
        "init's group": "its own" if int(group) == pid else "another",
        "init's session": "its own" if int(session) == pid else "another",
        "init's terminal": "yes" if int(tty) else "no",
        "init's cwd": str(Path(f"/proc/{pid}/cwd").readlink()),
        "init's descriptors": " ".join(passed),
    }


def _is_null(path: Path) -> bool:
    """Tell whether a descriptor is the null device, which was passed: the number may be of something else by now."""
    try:
        return str(path.readlink()) == "/dev/null"
    except FileNotFoundError:
        return False
