"""dumb-init's command line and environment, as data and as answers."""

from __future__ import annotations

import pytest

from sigroute.pid1.compat.dumb_init import DETACHED, HELP, REWRITE, SAYS, USAGE, VERSION
from sigroute.pid1.kernel.options import ANY_ERROR
from tests.pid1.compat.playing import answered, played

STOPPED = {20: 19, 21: 19, 22: 19}
SUSPENDING = frozenset(STOPPED)
NOTHING: dict[int, int] = {}


def test_what_it_does_without_options() -> None:
    role = played("dumb-init", "prog", "-c", "--help")
    assert role.command == ("prog", "-c", "--help")
    assert (role.death, role.adopts, role.warning, role.detaches) == (0, False, "", DETACHED)
    routes = role.routes
    assert (routes.scope, routes.sent, routes.stops_self, routes.farewell) == ("process-group", STOPPED, SUSPENDING, 15)
    assert (routes.codes, routes.ends) == ({}, frozenset())


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (["-c"], {}),
        (["--single-child"], {}),
        (["--s"], {}),
        ([], {"DUMB_INIT_SETSID": "0"}),
    ],
)
def test_a_single_child(words: list[str], environ: dict[str, str]) -> None:
    role = played("dumb-init", *words, "prog", environ=environ)
    routes = role.routes
    assert (routes.scope, routes.sent, routes.stops_self, routes.farewell) == ("process", NOTHING, SUSPENDING, 0)
    assert role.detaches == ()
    assert (role.start.group, role.start.terminal) == ("shared", "none")


@pytest.mark.parametrize("value", ["", "1", "00", "false", " 0"])
def test_only_these_very_texts_count(value: str) -> None:
    role = played("dumb-init", "prog", environ={"DUMB_INIT_SETSID": value, "DUMB_INIT_DEBUG": value + "x"})
    assert role.start.group == "session"
    assert set(role.says) == {"not-started", "fallback"}


def test_its_options() -> None:
    role = played("dumb-init", "prog", blocked=(1, 10))
    start, init = role.start, role.init
    assert (start.group, start.terminal, init.chdir_root, init.close_descriptors) == ("session", "session", True, False)
    assert (init.unhandled, start.blocked) == (frozenset(), frozenset())
    assert start.keep_ignored == set(range(34, 65))
    assert start.exit_codes == {11: 1, 12: 1, 23: 1, 24: 1, ANY_ERROR: 2}  # fork fails; exec does


@pytest.mark.parametrize(
    ("words", "sent", "farewell"),
    [
        (["-r", "15:3"], {15: 3, **STOPPED}, 3),
        (["-r15:0"], {15: 0, **STOPPED}, 0),
        (["--rewrite=1:2", "--rewrite", "2:1"], {1: 2, 2: 1, **STOPPED}, 15),
        (["-r", "1:2", "-r", "1:3"], {1: 3, **STOPPED}, 15),
        (["-r", "20:0"], {**STOPPED, 20: 0}, 15),
        (["-r", "20:20"], {21: 19, 22: 19}, 15),
        (["-r", "15:15"], STOPPED, 15),
        (["-r", " 15: +3 and so on"], {15: 3, **STOPPED}, 3),
    ],
)
def test_rewriting(words: list[str], sent: dict[int, int], farewell: int) -> None:
    role = played("dumb-init", *words, "prog")
    assert (role.routes.sent, role.routes.farewell) == (sent, farewell)
    single = played("dumb-init", *words, "-c", "prog")
    assert single.routes.farewell == 0
    assert single.routes.sent == {
        signal: number for signal, number in sent.items() if (signal, number) not in STOPPED.items()
    }


@pytest.mark.parametrize(
    ("words", "environ"), [(["-v"], {}), (["--verb"], {}), ([], {"DUMB_INIT_DEBUG": "1"}), (["-cv"], {})]
)
def test_it_tells_more(words: list[str], environ: dict[str, str]) -> None:
    says = played("dumb-init", *words, "prog", environ=environ).says
    assert set(SAYS) <= set(says)
    assert all(fd == 2 and text.startswith("[dumb-init] ") for lines in says.values() for fd, text in lines)


def test_it_tells_of_each_rewriting() -> None:
    says = played("dumb-init", "-v", "-r", "1:0", "-r", "2:3", "prog").says
    assert [text for _, text in says["dropped HUP"]] == [
        "[dumb-init] Translating signal 1 to 0.",
        "[dumb-init] Not forwarding signal 0 to children (ignored).",
    ]
    assert says["sent INT"][0] == says["sent-group INT"][0] == (2, "[dumb-init] Translating signal 2 to 3.")
    assert set(played("dumb-init", "-r", "2:3", "prog").says) == {"not-started", "fallback"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-h"], 0, HELP),
        (["--help", "prog"], 0, HELP),
        (["-V"], 0, VERSION),
        (["--vers"], 0, VERSION),
        (["-r", "1:2", "-V"], 0, VERSION),
        ([], 1, USAGE),
        (["-c"], 1, USAGE),
        (["--"], 1, USAGE),
        (["-r", "32:1", "x"], 1, REWRITE),
        (["-r", "0:1", "x"], 1, REWRITE),
        (["-r", "1:32", "x"], 1, REWRITE),
        (["-r", "1:-1", "x"], 1, REWRITE),
        (["-r", "1 :1", "x"], 1, REWRITE),
        (["-r", "TERM:INT", "x"], 1, REWRITE),
        (["-r", "1", "x"], 1, REWRITE),
        (["-r", "1:", "x"], 1, REWRITE),
        (["-r", "", "x"], 1, REWRITE),
        (["-x"], 1, "{name}: invalid option -- 'x'\n"),
        (["-r"], 1, "{name}: option requires an argument -- 'r'\n"),
        (["--rewrite"], 1, "{name}: option '--rewrite' requires an argument\n"),
        (["--single-child=1"], 1, "{name}: option '--single-child' doesn't allow an argument\n"),
        (["--ver"], 1, "{name}: option '--ver' is ambiguous; possibilities: '--verbose' '--version'\n"),
        (["--nothing"], 1, "{name}: unrecognized option '--nothing'\n"),
    ],
)
def test_answers_and_mistakes(words: list[str], code: int, said: str) -> None:
    expected = said if "{" not in said else said.format(name="dumb-init", version="{version}")
    found_code, out, err = answered("dumb-init", *words)
    assert (found_code, out) == (code, "")
    assert err.startswith(expected.partition("{version}")[0])
    assert err.endswith(expected.rpartition("{version}")[2])
