"""The two stops that are shown, each with its programs."""

from __future__ import annotations

import attrs

from sigroute.demo.way import HERE

#: Where the programs, scripts and rules are, and where they run.
PROGRAMS = HERE / "programs"

REQUESTS = 30


@attrs.frozen
class Act:
    """One stop, which the demo shows under the forwarder and under sigroute."""

    title: str
    about: str
    script: str
    """The script that the forwarder runs."""
    rules: str
    command: tuple[str, ...]
    """The command that sigroute runs; empty: the rules have all commands."""
    programs: frozenset[str]
    """The programs that tell when they are ready."""

    def read(self, name: str) -> str:
        """Return the text of the script or of the rules."""
        return (PROGRAMS / name).read_text(encoding="utf-8")


BEHIND = Act(
    title="A server behind a script",
    about=(
        "Whatever signal arrives, the script gets it, and the server does not: no STOPSIGNAL helps. sigroute finds the"
        " server below the script, and sends it the signal that it wants."
    ),
    script="one.sh",
    rules="one.toml",
    command=("sh", "one.sh"),
    programs=frozenset({"server"}),
)

ORDER = Act(
    title="A server and its database",
    about=(
        "The server finishes what is in flight, and needs the database for it. A script that passes the stop on to"
        " both ends the database too early. Under sigroute the database's turn comes `after` the server's end."
    ),
    script="two.sh",
    rules="two.toml",
    command=(),
    programs=frozenset({"server", "database"}),
)

ACTS = (BEHIND, ORDER)
