"""tini's command line and environment, as data and as answers."""

from __future__ import annotations

import re

import pytest

from sigroute import __version__
from sigroute.pid1.compat.tini import NO_REAPER, REPORTED, SAYS
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.options import ANY_ERROR
from sigroute.pid1.names import FAULTS
from tests.pid1.compat.playing import answered, played


def test_what_it_does_without_options() -> None:
    role = played("tini", "prog", "a", "b")
    assert role.command == ("prog", "a", "b")
    assert (role.death, role.adopts, role.detaches, role.notes) == (0, False, (), ())
    assert role.warning == NO_REAPER
    routes = role.routes
    assert (routes.scope, routes.sent, routes.codes) == ("process", {21: 0, 22: 0}, {})
    assert (routes.stops_self, routes.farewell, routes.ends) == (frozenset(), 0, frozenset())


def test_its_options() -> None:
    role = played("tini", "prog", blocked=(1, 10))
    start, init = role.start, role.init
    assert (start.group, start.terminal, init.chdir_root, init.close_descriptors, start.pid_variables) == (
        "own",
        "stdin",
        False,
        False,
        (),
    )
    assert init.unhandled == FAULTS
    assert start.blocked == {1, 10}
    assert start.keep_ignored == RECEIVABLE - {17}
    assert start.exit_codes == {2: 127, 13: 126, ANY_ERROR: 1}


@pytest.mark.parametrize("name", ["tini", "docker-init"])
@pytest.mark.parametrize(
    ("words", "environ", "expected"),
    [
        (["-g"], {}, {"scope": "process-group"}),
        ([], {"TINI_KILL_PROCESS_GROUP": ""}, {"scope": "process-group"}),
        ([], {"TINI_KILL_PROCESS_GROUP": "0"}, {"scope": "process-group"}),
        (["-s"], {}, {"adopts": True}),
        ([], {"TINI_SUBREAPER": ""}, {"adopts": True}),
        (["-p", "SIGTERM"], {}, {"death": 15}),
        (["-pSIGSTOP"], {}, {"death": 19}),
        (["-p", "SIGHUP", "-p", "SIGINT"], {}, {"death": 2}),
        (["-e", "143"], {}, {"codes": {143: 0}}),
        (["-e", "0", "-e", " +255"], {}, {"codes": {0: 0, 255: 0}}),
        (["-e", ""], {}, {"codes": {0: 0}}),
        (["-gse143", "-pSIGUSR1"], {}, {"scope": "process-group", "adopts": True, "codes": {143: 0}, "death": 10}),
    ],
)
def test_options(name: str, words: list[str], environ: dict[str, str], expected: dict[str, object]) -> None:
    role = played(name, *words, "--", "prog", "-g", environ=environ)
    assert role.command == ("prog", "-g")
    found = {"scope": role.routes.scope, "codes": role.routes.codes, "adopts": role.adopts, "death": role.death}
    assert found == {"scope": "process", "codes": {}, "adopts": False, "death": 0, **expected}


@pytest.mark.parametrize(
    ("words", "environ", "command", "scope"),
    [
        (["prog", "-g"], {}, ("prog",), "process-group"),
        (["prog", "-g"], {"POSIXLY_CORRECT": ""}, ("prog", "-g"), "process"),
        (["prog", "--", "-g"], {}, ("prog", "-g"), "process"),
        (["--", "--", "prog"], {}, ("--", "prog"), "process"),
        (["--", "--version"], {}, ("--version",), "process"),
    ],
)
def test_where_options_end(words: list[str], environ: dict[str, str], command: tuple[str, ...], scope: str) -> None:
    role = played("tini", *words, environ=environ)
    assert (role.command, role.routes.scope) == (command, scope)


@pytest.mark.parametrize(
    ("words", "verbosity"),
    [([], 1), (["-v"], 2), (["-vv"], 3), (["-v", "-v", "-v"], 4), (["-vvvvv"], 6)],
)
def test_the_more_it_is_to_tell_the_more_it_tells(words: list[str], verbosity: int) -> None:
    says = played("tini", *words, "prog").says
    for name, lines in SAYS.items():
        told = [text for _, text in says.get(name, ())]
        assert [text.partition("] ")[2] for text in told] == [text for least, text in lines if least <= verbosity]


#: What it tells at any verbosity.
FATAL_ONES = ("not-started", "not-sent", "fallback")


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("0", {*FATAL_ONES}),
        ("", {*FATAL_ONES}),
        ("x", {*FATAL_ONES}),
        ("1", {*FATAL_ONES, "note"}),
        (" +1x", {*FATAL_ONES, "note"}),
        ("2", {*FATAL_ONES, "note", "started", "exited", "killed"}),
        ("4", set(SAYS)),
        ("-1", set(SAYS)),  # it is unsigned there
    ],
)
def test_how_much_the_environment_says_counts_for_more(value: str, names: set[str]) -> None:
    assert set(played("tini", "-vv", "prog", environ={"TINI_VERBOSITY": value}).says) == names


def test_where_each_line_goes_and_how_it_begins() -> None:
    marks = {
        text.partition(" ")[0] + text.partition(" ")[2][:4].rstrip(): fd
        for lines in played("tini", "-vvv", "prog").says.values()
        for fd, text in lines
    }
    assert marks == {"[FATALtini": 2, "[WARN tin": 2, "[INFO tin": 1, "[DEBUGtini": 1, "[TRACEtini": 1}


@pytest.mark.parametrize(("words", "told"), [(["-w"], True), ([], False), (["-w", "-v"], True)])
def test_who_is_reaped_is_told_where_that_is_asked_for(words: list[str], told: bool) -> None:  # noqa: FBT001 - a case
    lines = played("tini", *words, "prog").says.get("reaped", ())
    assert any(REPORTED[1] in text for _, text in lines) is told
    assert not any(REPORTED[1] in text for _, text in played("tini", *words, "prog").says.get("exited", ()))
    assert "reaped" not in played("tini", *words, "prog", environ={"TINI_VERBOSITY": "0"}).says


@pytest.mark.parametrize("name", ["tini", "docker-init"])
@pytest.mark.parametrize(
    ("words", "stdout"),
    [
        (["--version"], rf"tini version 0\.19\.0 - sigroute {re.escape(__version__)}\n"),
        (["-h"], r"{name}: sigroute .*usage: {name} \[OPTION.*"),
        (["-l"], r"{name} is sigroute .*MIT License\.\n"),
        (["prog", "-gh", "-x"], r"{name}: sigroute .*"),
    ],
)
def test_what_it_is_asked_it_answers(name: str, words: list[str], stdout: str) -> None:
    code, out, err = answered(name, *words)
    assert (code, err) == (0, "")
    assert re.fullmatch(stdout.replace("{name}", name), out, re.DOTALL)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ([], r"tini: sigroute .*"),
        (["-x"], r"tini: invalid option -- 'x'"),
        (["--help"], r"tini: invalid option -- '-'"),
        (["--version", "x"], r"tini: invalid option -- '-'"),
        (["-p"], r"tini: option requires an argument -- 'p'"),
        (["-p", "TERM", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -p: TERM"),
        (["-p", "SIGterm", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -p: SIGterm"),
        (["-p", "SIGRTMIN", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -p: SIGRTMIN"),
        (["-p", "15", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -p: 15"),
        (["-p", "{me}%s", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -p: \{me\}%s"),
        (["-e", "{me}", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -e: \{me\}"),
        (["-e", "256", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -e: 256"),
        (["-e", "-1", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -e: -1"),
        (["-e", "1x", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -e: 1x"),
        (["-e", " ", "x"], r"\[FATAL tini \(\d+\)\] Not a valid option for -e:  "),
        (["--", "-p"], None),
    ],
)
def test_mistakes(words: list[str], first: str | None) -> None:
    code, out, err = answered("tini", *words)
    if first is None:
        assert (code, out) == (127, "")  # a program of that name, which there is not
        return
    assert (code, out) == (1, "")
    assert re.fullmatch(first, err.splitlines()[0])
