"""Variables in rules: what the values are made of when sigroute starts, and what it says where that is impossible."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.bundle import may_have_helpers
from sigroute.language import Mistake, load, outline, parse_duration
from sigroute.pid1.entry.expand import expanded, milliseconds_of
from sigroute.pid1.entry.values import VariablesError

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan


def plan_of(folder: Path, text: str) -> Plan:
    """Return the plan of these rules, whose values are still to be made."""
    (folder / "web.toml").write_text(text)
    return outline(load(str(folder / "web.toml")))


def argv(folder: Path, words: str, **environ: str) -> tuple[bytes, ...]:
    """Return what becomes of these words of a command."""
    plan = plan_of(folder, f"[child.a]\ncommand = [{words}]")
    return expanded(plan, {name.encode(): value.encode() for name, value in environ.items()}).children[0].argv


def trouble(folder: Path, text: str, **environ: str) -> list[str]:
    """Return the lines of the error of these rules, without the folder."""
    with pytest.raises(VariablesError) as raised:
        expanded(plan_of(folder, text), {name.encode(): value.encode() for name, value in environ.items()})
    return str(raised.value).replace(f"{folder}/", "").splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ('"a", "${A}"', [b"a", b"one two"]),
        ('"a", "x${A}y${B}z"', [b"a", b"xone twoyBz"]),
        ('"a", "${EMPTY}"', [b"a", b""]),
        ('"a", "${EMPTY:-d}", "${UNSET:-d e}", "${B:-d}", "${UNSET:-}"', [b"a", b"d", b"d e", b"B", b""]),
        ('"a", "${A...}", "${UNSET...}", "${EMPTY...}", "${B...}", "z"', [b"a", b"one", b"two", b"B", b"z"]),
        ('"${UNSET...}", "a"', [b"a"]),
        ('"a", "$${A}", "$$${A}", "$A", "$${"', [b"a", b"${A}", b"$${A}", b"$A", b"${"]),
        ('"a", "${ODD:-$}{}"', [b"a", b"${}"]),
    ],
)
def test_words_of_a_command(tmp_path: Path, words: str, found: list[bytes]) -> None:
    assert list(argv(tmp_path, words, A="one two", B="B", EMPTY="")) == found


def test_a_value_is_taken_as_bytes_and_not_looked_at_again(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[child.a]\ncommand = ["a", "ü${A}", "${B}"]')
    made = expanded(plan, {b"A": b"\xff\n", b"B": b"${A}"})
    assert made.children[0].argv == (b"a", b"\xc3\xbc\xff\n", b"${A}")
    assert made.templates == ()


def test_every_place(tmp_path: Path) -> None:
    text = """
user     = "${U}"
env-file = "${D}/all.env"
env      = { A = "${A}", B = "b" }
[child.a]
command = ["a"]
cwd     = "${D}/a"
output  = "${O:-null}"
[child.b]
command  = ["b", "${A}"]
env      = { A = "b${A}" }
env-file = ["/x", "/${A}"]
on.HUP   = { run = ["test", "${W...}", "${A}"], send = "HUP" }
"""
    plan = plan_of(tmp_path, text)
    made = expanded(plan, {b"U": b"7:8", b"D": b"/srv", b"A": b"1", b"W": b"v w"})
    first, second = made.children
    assert (first.world.user, first.world.group, first.world.cwd, first.world.output) == (
        b"7",
        b"8",
        b"/srv/a",
        b"null",
    )
    assert (first.world.env, first.world.env_files) == ({b"A": b"1", b"B": b"b"}, (b"/srv/all.env",))
    assert (second.argv, second.world.env, second.world.env_files) == (
        (b"b", b"1"),
        {b"A": b"b1", b"B": b"b"},
        (b"/x", b"/1"),
    )
    assert [action.run for action in made.actions if action.run] == [(b"test", b"v", b"w", b"1")]


def test_all_that_is_missing_is_told_with_its_place(tmp_path: Path) -> None:
    text = """[child.a]
command = ["a", "${A}"]
on.HUP  = { run = ["${B}"], send = "HUP" }
[child.b]
command = ["b", "${A}${C}"]
env     = { X = "${C}" }
"""
    assert trouble(tmp_path, text, C="c") == [
        "web.toml:2: A is not set in child.a.command[1]",
        "      set it, or say what it is otherwise: ${A:-VALUE}",
        "web.toml:3: B is not set in child.a.on.HUP.run[0]",
        "      set it, or say what it is otherwise: ${B:-VALUE}",
        "web.toml:5: A is not set in child.b.command[1]",
        "      set it, or say what it is otherwise: ${A:-VALUE}",
    ]


@pytest.mark.parametrize(
    ("line", "value", "said"),
    [
        ('user = "${V}"', "", '"" is no user in child.a.user'),
        ('user = "${V}:x"', "", '":x" is no user in child.a.user'),
        ('user = "x:${V}"', "", '"x:" is no user in child.a.user'),
        ('user = "x:${V}"', "a:b", '"x:a:b" is no user in child.a.user'),
        ('cwd = "${V}"', "srv", '"srv" is no absolute path in child.a.cwd'),
        ('cwd = "${V}"', "", '"" is no absolute path in child.a.cwd'),
        ('env-file = ["/a", "${V}/b"]', "\x1b", '"\\x1b/b" is no absolute path in child.a.env-file[1]'),
        ('ready = { listen = "${V}" }', "", '"" is no address in child.a.ready.listen'),
        ('ready = { listen = "127.0.0.1:${V}" }', "0", '"127.0.0.1:0" is no address in child.a.ready.listen'),
        ('ready = "${V}"', "", '"" is no duration in child.a.ready'),
        ('on.HUP = "${V} HUP"', "", '"" is no duration in child.a.on.HUP'),
        ('on.HUP = { run = ["x"], timeout = "${V}" }', "0s", '"0s" is no time at all in child.a.on.HUP.timeout'),
        ('ready = { file = "/x", within = "${V}" }', "0m0s", '"0m0s" is no time at all in child.a.ready.within'),
        ('alive = { run = ["x"], every = "${V}" }', "0ms", '"0ms" is no time at all in child.a.alive.every'),
        ('[task.t]\ncommand = ["t"]\nevery = "${V}"', "0s", '"0s" is no time at all in task.t.every'),
        ('[task.t]\ncommand = ["t"]\ntimeout = "${V}"', "", '"" is no duration in task.t.timeout'),
        ('output = "${V}"', "x" * 99, f'"{"x" * 60}" is no output in child.a.output'),
        (
            'terminal = "child"\noutput = "${V}"',
            "tag",
            '"tag" is no output for a child with the terminal in child.a.output',
        ),
    ],
)
def test_a_value_that_is_wrong(tmp_path: Path, line: str, value: str, said: str) -> None:
    told = trouble(tmp_path, f'[child.a]\ncommand = ["a"]\n{line}\n', V=value)
    assert (told[0], len(told)) == (f"web.toml:{3 + line.count(chr(10))}: {said}", 2)


def test_a_variable_may_have_the_output_tagged(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[child.a]\ncommand = ["a"]\noutput = "${O:-null}"\n')
    assert may_have_helpers(plan)
    assert expanded(plan, {b"O": b"tag"}).children[0].world.output == b"tag"


def test_readiness(tmp_path: Path) -> None:
    text = """
[child.a]
command = ["a"]
ready = { listen = "${HOST:-127.0.0.1}:${PORT}" }
[child.b]
command = ["b"]
ready = { run = ["see", "${PORT}"], every = "${EVERY}" }
"""
    first, second = expanded(plan_of(tmp_path, text), {b"PORT": b"80", b"EVERY": b"7s"}).children
    assert first.ready is not None
    assert second.ready is not None
    assert (first.ready.listen, second.ready.run, second.ready.every) == (b"127.0.0.1:80", (b"see", b"80"), 7_000)


def test_a_command_without_any_word(tmp_path: Path) -> None:
    told = trouble(tmp_path, '[child.a]\ncommand = ["${A...}", "${B...}"]', B=" ")
    assert told[0] == "web.toml:2: no word of the command is left in child.a.command[0]"
    assert argv(tmp_path, '"${A...}", "${B...}"', B="b") == (b"b",)


def test_rules_without_variables_have_no_templates(tmp_path: Path) -> None:
    assert plan_of(tmp_path, '[child.a]\ncommand = ["a", "$${B}", "$C"]').templates == ()


def test_the_command_line_is_taken_as_it_is(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, 'env = { A = "${A}" }\n[child.a]\n')
    assert plan.command == 0
    assert expanded(plan, {b"A": b"1"}).children[0].world.env == {b"A": b"1"}


def test_the_place_in_a_file_that_a_child_is_like(tmp_path: Path) -> None:
    (tmp_path / "liked.toml").write_text('\n[on]\nHUP = { run = ["${A}"], send = "HUP" }\n')
    told = trouble(tmp_path, '[child.a]\ncommand = ["a"]\nlike = "./liked.toml"')
    assert told[0] == "./liked.toml:3: A is not set in on.HUP.run[0]"


DURATIONS = """
grace = "${GRACE}"
[child.a]
command = ["a"]
[child.a.on]
stop = "${DRAIN:-5s} QUIT ${S}s TERM 1s KILL"
HUP  = { run = ["test"], timeout = "${T:-1s}", send = "HUP 1s TERM", else = "HUP ${DRAIN:-5s} TERM" }
USR1 = { send = "1s USR1", again = { INT = "USR1 ${DRAIN:-5s} KILL" } }
[child.a.starting]
stop = { hold = "1m${S}s", else = "${S}ms TERM" }
[drain]
wait = "${W:-1m30s}"
"""


def test_durations(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, DURATIONS.replace("[child.a]", '[child.a]\nprogram = "a"', 1))
    made = expanded(plan, {b"GRACE": b"2h", b"S": b"7", b"DRAIN": b"250ms"})
    assert made.grace == 7_200_000
    assert made.drain is not None
    assert made.drain.wait == 90_000
    by_origin = {action.origin: action for action in made.actions}
    stop, reload = by_origin["child.a.on.stop"], by_origin["child.a.on.HUP"]
    assert [step.wait for step in stop.steps] == [250, 7_000, 1_000]
    assert (reload.timeout, [step.wait for step in reload.otherwise]) == (1_000, [0, 250])
    assert [step.wait for step in by_origin["child.a.on.USR1"].again[2]] == [0, 250]  # type: ignore[union-attr]
    held = by_origin["child.a.starting.stop"]
    assert (held.hold, [step.wait for step in held.otherwise]) == (67_000, [7])


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("0s", 0), ("5s", 5_000), ("250ms", 250), ("1h2m3s4ms", 3_723_004), ("8760h", 31_536_000_000), ("", None),
        ("5", None), ("s", None), ("5s5s", None), ("5s1m", None), ("1ms1s", None), ("5 s", None), ("5S", None),
        ("-5s", None), ("1.5s", None), ("8761h", None), ("1sm", None), ("9999999999999s", None), ("\u0665s", None),
    ],
)  # fmt: skip
def test_a_duration_is_read_as_rules_have_it(text: str, milliseconds: int | None) -> None:
    assert milliseconds_of(text.encode()) == milliseconds
    try:
        assert parse_duration(text) == milliseconds
    except Mistake:
        assert milliseconds is None


def test_a_duration_that_is_none(tmp_path: Path) -> None:
    told = trouble(tmp_path, DURATIONS.replace("[child.a]", '[child.a]\nprogram = "a"', 1), GRACE="5", S="1")
    assert told[0] == 'web.toml:2: "5" is no duration in grace'
