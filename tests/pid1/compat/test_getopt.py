"""Options against the C library's own getopt(3) and getopt_long(3), over random command lines."""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sigroute.pid1.compat import dumb_init
from sigroute.pid1.compat.getopt import OptionError, Options
from tests.real.require import need

#: By name, the letters and long names of the programs, and of one that has all there can be.
TABLES: dict[str, tuple[str, dict[str, str] | None]] = {
    "tini": ("p:hvwgle:s", None),
    "dumb-init": ("hvVcr:", dumb_init.LONG),
    "catatonit": ("ghLPV", {"version": "V"}),
    # No letter twice: the library takes such names for one.
    "another": ("ab:c:d", {"all": "a", "alls": "d", "big": "b", "bigger": "c"}),
}

LINES = 3000

#: What is in many a command line, and what begins options.
WORDS = (
    "",
    "-",
    "--",
    "-",
    "--",
    "a",
    "prog",
    "-x",
    "-:",
    "-;",
    "--x",
    "--=",
    "--=x",
    "-=",
    "---",
    "--a=b=c",
    "=",
    " ",
)


def line(pick: random.Random, short: str, long: dict[str, str] | None) -> list[str]:
    """Return a command line, mostly of options that there are: whole, cut short, with and without their argument."""
    letters, names = short.replace(":", ""), list(long or {"long": ""})

    def word() -> str:
        match pick.choice(("word", "short", "short", "long", "long")):
            case "short":
                text = "-" + "".join(pick.choices(letters + "xX:-", k=pick.choice((1, 1, 2, 3))))
                return text + pick.choice(("", "", "=", "12", " "))
            case "long":
                name = pick.choice(names)
                return "--" + name[: pick.choice((None, None, 1, 2, 3, 4))] + pick.choice(("", "", "=", "=x", "s"))
        return pick.choice(WORDS)

    return [word() for _ in range(pick.choice(range(7)))]


def ours(words: list[str], short: str, long: dict[str, str] | None, *, first: bool) -> dict[str, Any]:
    options = Options(words, short, long, first=first)
    found: list[list[str]] = []
    message = ""
    try:
        found.extend([letter, argument] for letter, argument in options)
    except OptionError as error:
        message = f"name: {error}\n"
    return {"found": found, "rest": [] if message else options.rest, "mistaken": bool(message), "message": message}


def theirs(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    command = [sys.executable, str(Path(__file__).parent / "c_getopt.py")]
    environ = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(
        command, check=True, input=json.dumps(cases), capture_output=True, text=True, timeout=60, env=environ
    )
    return [json.loads(each) for each in done.stdout.splitlines()]


@pytest.mark.parametrize("how", ["permuting", "plus", "posixly"])
@pytest.mark.parametrize("name", TABLES)
def test_they_are_read_as_the_c_library_reads_them(name: str, how: str) -> None:
    need(platform.libc_ver()[0] == "glibc", "the GNU C library, whose messages these are")
    pick = random.Random(f"{name} {how}")
    short, long = TABLES[name]
    lines = [line(pick, short, long) for _ in range(LINES)]
    plus = "+" if how == "plus" else ""
    cases = [{"words": each, "short": plus + short, "long": long, "posixly": how == "posixly"} for each in lines]
    for words, expected in zip(lines, theirs(cases), strict=True):
        assert ours(words, short, long, first=how != "permuting") == expected, words


@pytest.mark.parametrize(
    ("words", "first", "found", "rest"),
    [
        (["a", "-g", "b"], False, "g", ["a", "b"]),
        (["a", "-g", "b"], True, "", ["a", "-g", "b"]),
        (["-g", "--", "-h"], False, "g", ["-h"]),
        (["a", "--", "-g", "--"], False, "", ["a", "-g", "--"]),
        (["-g", "", "-h"], False, "gh", [""]),
        (["-", "-g"], False, "g", ["-"]),
        (["--vers", "-gh"], True, "Vgh", []),
    ],
)
def test_what_is_left(words: list[str], first: bool, found: str, rest: list[str]) -> None:  # noqa: FBT001 - a case
    options = Options(words, "ghLPV", {"version": "V"}, first=first)
    assert "".join([letter for letter, _ in options]) == found
    assert options.rest == rest


def test_the_words_are_left_as_they_were() -> None:
    words = ["-g", "-h", "x"]
    assert len(list(Options(words, "gh", first=False))) == 2
    assert words == ["-g", "-h", "x"]
