"""catatonit's command line and environment, as data and as answers."""

from __future__ import annotations

import re

import pytest

from sigroute.pid1.compat.catatonit import SAYS
from sigroute.pid1.kernel.mask import RECEIVABLE
from sigroute.pid1.kernel.options import ANY_ERROR
from sigroute.pid1.names import FAULTS
from tests.pid1.compat.playing import answered, played

STOPPING = {20: 0, 21: 0, 22: 0}


def test_what_it_does_without_options() -> None:
    role = played("catatonit", "prog", "a")
    assert role.command == ("prog", "a")
    assert (role.death, role.adopts, role.warning, role.detaches) == (0, True, "", ())
    routes = role.routes
    assert (routes.scope, routes.sent, routes.ends, routes.farewell) == ("process", STOPPING, frozenset(), 0)
    assert (routes.stops_self, routes.codes) == (frozenset(), {})
    assert set(role.says) == {"not-started", "fallback"}


def test_its_options() -> None:
    role = played("catatonit", "prog", blocked=(1, 10))
    start, init = role.start, role.init
    assert (start.group, start.terminal, init.chdir_root, init.close_descriptors, start.pid_variables) == (
        "own",
        "anywhere",
        True,
        True,
        (b"LISTEN_PID",),
    )
    assert init.unhandled == FAULTS
    assert start.blocked == {1, 10, 20, 21, 22}
    assert start.keep_ignored == RECEIVABLE - {17}
    assert start.exit_codes == {ANY_ERROR: 1}


@pytest.mark.parametrize(
    ("words", "environ", "command", "scope"),
    [
        (["-g", "prog"], {}, ("prog",), "process-group"),
        (["prog", "-g"], {}, ("prog",), "process-group"),
        (["prog", "-g"], {"POSIXLY_CORRECT": "1"}, ("prog", "-g"), "process"),
        (["--", "prog", "-g"], {}, ("prog", "-g"), "process"),
    ],
)
def test_where_options_end(words: list[str], environ: dict[str, str], command: tuple[str, ...], scope: str) -> None:
    role = played("catatonit", *words, environ=environ)
    assert (role.command, role.routes.scope) == (command, scope)


@pytest.mark.parametrize("words", [["-P"], ["-gP"], ["-P", "prog"], ["prog", "-P"]])
def test_pause(words: list[str]) -> None:
    role = played("catatonit", *words)
    assert (role.command, role.routes.ends) == ((), frozenset((2, 15)))


def test_it_tells_more() -> None:
    says = played("catatonit", "prog", environ={"CATATONIT_DEBUG": ""}).says
    assert set(says) == {"not-started", "fallback", *SAYS}
    assert all(fd == 2 for lines in says.values() for fd, _ in lines)


@pytest.mark.parametrize(
    ("words", "code", "stdout", "stderr"),
    [
        (["--version"], 0, r"tini version 0\.1\.7_catatonit - sigroute \S+\n", ""),
        (["-V", "prog"], 0, r"tini version .*", ""),
        (["--v"], 0, r"tini version .*", ""),
        (["-L"], 0, r"catatonit is sigroute .*MIT License\.\n", ""),
        (["-h"], 0, "", r"usage: catatonit .*This is sigroute .*"),
        ([], 1, "", r"ERROR \(catatonit:\d+\): missing program name\nusage: catatonit \[-ghLPV\].*"),
        (["-x", "prog"], 1, "", r"catatonit: invalid option -- 'x'\nusage: .*"),
        (["--verse"], 1, "", r"catatonit: unrecognized option '--verse'\nusage: .*"),
        (["--version=1"], 1, "", r"catatonit: option '--version' doesn't allow an argument\nusage: .*"),
    ],
)
def test_answers_and_mistakes(words: list[str], code: int, stdout: str, stderr: str) -> None:
    found_code, out, err = answered("catatonit", *words)
    assert found_code == code
    assert re.fullmatch(stdout, out, re.DOTALL)
    assert re.fullmatch(stderr, err, re.DOTALL)


def test_what_is_reserved_is_refused() -> None:
    code, out, err = answered("catatonit", "--version", CATATONIT_LOG="")
    assert (code, out) == (1, "")
    assert re.fullmatch(r"ERROR \(catatonit:\d+\): CATATONIT_LOG is reserved for future use\n", err)
