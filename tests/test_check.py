"""sigroute check: what it prints, word for word, and its exit codes."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sigroute.as_rules import as_rules
from sigroute.check import main
from tests.pid1.compat.playing import played

if TYPE_CHECKING:
    from pathlib import Path

NGINX = """\
nginx:
signal                    nginx
INT                       TERM [child.nginx.on.INT]
QUIT, TERM, PWR, RTMIN+3  QUIT (again: TERM on INT) [child.nginx.on.stop]
others that dump core     forward [default]
all others                forward, unless it would kill [default]

while starting                 nginx
INT, QUIT, TERM, PWR, RTMIN+3  TERM [child.nginx.starting.stop]
others that dump core          forward [default]
all others                     forward, unless it would kill [default]

terminal, if there is one: sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules
longest stop: 5s (drain 5s), and what programs take after their last signal
grace: none; only the platform's own limit ends a stop that takes longer
"""

SEVERAL = """\
grace = "25s"
[child.front]
command = ["front"]
[child.front.on]
stop = { send = "5s QUIT 10s TERM", again = "next" }
[child.app]
command = ["app"]
program = "app"
groups = ["back"]
[child.app.on]
stop = { after = "front", send = "QUIT 5s KILL", scope = "tree" }
USR2 = { run = ["check", "it all"], send = "USR2", else = "drop" }
[child.app.starting]
stop = { hold = "3s", else = "TERM" }
[group.back.on]
"WINCH@tty" = "drop"
"""

SEVERAL_TABLE = """\
signal                         front                                                 app
INT, QUIT, TERM, PWR, RTMIN+3  5s QUIT 10s TERM (again: next) [child.front.on.stop]  \
after front: QUIT 5s KILL to the tree [child.app.on.stop]
USR2                           forward, unless it would kill [default]               \
run check 'it all', then USR2 (again: repeat) [child.app.on.USR2]
WINCH@tty                      forward [default]                                     drop [group.back.on.WINCH@tty]
WINCH@outside, WINCH@inside    forward [default]                                     forward [default]
others that dump core          forward [default]                                     forward [default]
all others                     forward, unless it would kill [default]               \
forward, unless it would kill [default]

while starting                 front  app
INT, QUIT, TERM, PWR, RTMIN+3  -      hold 3s, else TERM [child.app.starting.stop]
others that dump core          -      forward [default]
all others                     -      forward, unless it would kill [default]

terminal, if there is one: sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules
longest stop: 25s (grace: then all that is left is killed)
without grace: 25s (front 15s + app 5s + drain 5s), and what programs take after their last signal
note: app waits for front; no KILL ends that: if one hangs, grace kills app, too
"""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all tables fit. Blocks are tested in tests/language/report/test_blocks.py."""
    monkeypatch.setenv("COLUMNS", "1000")


def test_one_child(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["nginx"]) == 0
    assert capfd.readouterr() == (NGINX, "")


def test_others_are_told_of_only_where_there_are_some(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    dumping = '"ILL", "TRAP", "ABRT", "BUS", "FPE", "SEGV", "XCPU", "XFSZ", "SYS"'
    path = tmp_path / "rules.toml"
    path.write_text(f'[signals]\nall = [{dumping}]\n[on]\nall = "drop"\n')
    assert main([str(path)]) == 0
    assert [line.split("  ")[0] for line in capfd.readouterr().out.splitlines()[1:6]] == [
        "signal", "INT, QUIT, PWR, RTMIN+3", "TERM", "ILL, TRAP, ABRT, BUS, FPE, SEGV, XCPU, XFSZ, SYS", "all others",
    ]  # fmt: skip
    path.write_text(as_rules("tini", ["prog"], played("tini", "prog")))
    assert main([str(path)]) == 0
    assert "others that" not in (table := capfd.readouterr().out)
    assert "all others" not in table


def test_several_children(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "several.toml"
    path.write_text(SEVERAL)
    main([str(path)])
    out, _ = capfd.readouterr()
    assert out == f"{path}:\n{SEVERAL_TABLE}"


@pytest.mark.parametrize(
    ("again", "said"),
    [
        ('"next"', " (again: next)"),
        ('"ignore"', ""),
        ('"forward"', " (again: forward)"),
        ('{ INT = "KILL", QUIT = "KILL", TERM = "ignore" }', " (again: KILL on INT, QUIT)"),
    ],
)
def test_what_a_repeat_does_is_in_the_table(
    again: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.toml"
    reload = 'HUP = { run = ["x"], again = { HUP = "next" } }'
    path.write_text(f'[on]\nstop = {{ send = "TERM 9s INT", again = {again} }}\n{reload}\n')
    main([str(path)])
    out, _ = capfd.readouterr()
    assert f"TERM 9s INT{said} [on.stop]" in out
    assert "run x, then drop (again: repeat; next on HUP) [on.HUP]" in out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"on.HUP = '{'1ms TERM ' * 12}'", f"{'1ms TERM ' * 11}1ms TERM"),
        (f"on.HUP = '{'1ms TERM ' * 13}'", f"{'1ms TERM ' * 8}... and 5 more steps"),
        (f"on.HUP = '{'1ms TERM ' * 14_000}'", f"{'1ms TERM ' * 8}... and 13,992 more steps"),
        (
            f"on.HUP = {{ run = ['{'x' * 150}end'], send = 'TERM', else = '{'INT 1s ' * 20}KILL' }}",
            f"run {'x' * 48}...{'x' * 45}end, then TERM else INT {'1s INT ' * 7}... and 13 more steps (again: repeat)",
        ),
        (
            "on.HUP = { send = '1s HUP', again = {"
            + ",".join(f"{each} = '{each}s INT'" for each in range(40, 50))
            + "} }",
            f"1s HUP (again: {'; '.join(f'{each}s INT on RTMIN+{each - 34}' for each in range(40, 48))}; and 2 more)",
        ),
    ],
)
def test_an_action_that_is_too_long_for_a_cell_is_cut(
    text: str, shown: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.toml").write_text(f"[child.app]\n{text}\n")
    main([str(tmp_path / "rules.toml")])
    assert f"  {shown} [child.app.on.HUP]\n" in capfd.readouterr().out


def test_a_name_that_is_too_long_for_a_cell_is_cut(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.toml").write_text(f"[child.{'a' * 60}{'b' * 60}.on]\nHUP = 'drop'\n")
    main([str(tmp_path / "rules.toml")])
    assert capfd.readouterr().out.splitlines()[1].split() == ["signal", f"{'a' * 48}...{'b' * 48}"]


def test_a_long_action_of_thousands_of_children_takes_little_memory(tmp_path: Path) -> None:
    children = "".join(f"[child.c{index}]\ncommand = ['x']\n" for index in range(4_000))
    (tmp_path / "rules.toml").write_text(f"[on]\nHUP = '{'1ms TERM ' * 14_000}'\n{children}")
    command = f"ulimit -v 300000; exec {sys.executable} -m sigroute check rules.toml"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    assert not done.stderr
    assert len(done.stdout) < 10_000_000


def test_every_signal_that_a_rule_can_name_is_in_the_table(capfd: pytest.CaptureFixture[str]) -> None:
    main(["default"])
    out, _ = capfd.readouterr()
    assert "INT, QUIT, PWR, RTMIN+3  forward, or TERM where it handles that alone [default]" in out
    assert "TERM                     forward [default]" in out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the command's; Ctrl-C, Ctrl-Z and a resize go to it, not by these rules"),
        ('[child.web]\nlike = "nginx"', "sigroute's; Ctrl-C, Ctrl-Z and a resize go by these rules"),
        (
            '[child.web]\ncommand = ["web"]\n[child.shell]\nterminal = "child"',
            "shell's; Ctrl-C, Ctrl-Z and a resize go to it, not by these rules",
        ),
    ],
)
def test_whose_the_terminal_is(text: str, said: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(text)
    assert main([str(path)]) == 0
    out, _ = capfd.readouterr()
    assert f"\nterminal, if there is one: {said}\n" in out


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 78)])
def test_a_rule_for_a_terminal_that_is_the_childs_is_a_warning(
    strict: list[str], code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[on]\n"INT@tty" = "TERM"\n')
    assert main([*strict, str(path)]) == code
    assert "warning: INT@tty can never apply" in capfd.readouterr().err


def test_a_bad_file_among_good_ones_is_told_and_the_others_are_shown(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('[on]\nstop = "QIUT"\n')
    assert main(["nginx", str(bad), "postgres"]) == 78
    out, err = capfd.readouterr()
    assert out.startswith("nginx:")
    assert "postgres:" in out
    assert err == (
        f'{bad}:2: unknown signal "QIUT" in on.stop\n    2 | stop = "QIUT"\n      |         ^^^^ did you mean QUIT?\n'
    )


def test_a_stopsignal_that_starts_no_stop_is_an_error(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--stopsignal", "SIGQUIT", "nginx"]) == 0
    for form in ("quit", "sigquit", "SigQuit", "3", "03", "+3", "rtmin+3"):  # as docker takes it
        assert main(["--stopsignal", form, "nginx"]) == 0
    assert main(["--stopsignal", "usr1", "nginx"]) == 78
    _, err = capfd.readouterr()
    assert "STOPSIGNAL USR1 is not of class stop" in err
    assert 'stop = ["+USR1"]' in err
    for name in ("KILL", "STOP", "CHLD", "32"):  # to write "+STOP" would be the next error
        assert main(["--stopsignal", name, "nginx"]) == 78
        assert f"{name} can't be received: choose another, as TERM" in capfd.readouterr().err


def test_grace_is_what_the_platform_has_to_give(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('grace = "20s"\n[on]\nstop = "TERM 30s KILL"\n')
    main(["--platform-grace", "20s", str(path)])
    assert "longer than the platform" not in capfd.readouterr().err
    main(["--platform-grace", "19s", str(path)])
    assert "a stop may take 20s, longer than the platform gives it, 19s" in capfd.readouterr().err


@pytest.mark.parametrize(("strict", "code"), [([], 0), (["--strict"], 78)])
def test_a_stop_that_the_platform_cuts_short_is_a_warning(
    strict: list[str], code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main([*strict, "--platform-grace", "10s", "postgres"]) == code
    _, err = capfd.readouterr()
    assert "warning:" in err
    assert "10s" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: FILE|NAME"),
        (["--stopsignal", "QIUT", "nginx"], 'argument --stopsignal: unknown signal "QIUT" (did you mean QUIT?)'),
        (["--platform-grace", "5", "nginx"], 'argument --platform-grace: duration without a unit: "5"'),
        (["--stri", "nginx"], "unrecognized arguments: --stri"),
    ],
)
def test_bad_usage(words: list[str], said: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 64
    assert said in capfd.readouterr().err


def test_what_a_terminal_acts_on_is_escaped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    bad, good = tmp_path / "\x1b]0;x\x07\r.toml", tmp_path / "good\r.toml"
    bad.write_text('[on]\n"H\\u001bUP" = "TERM"\n')
    good.write_text('[on]\nHUP = { run = ["a\\u001b\\r", "b"] }\n')
    assert main([str(bad), str(good)]) == 78
    assert main([str(tmp_path / "no\x1b")]) == 78
    with pytest.raises(SystemExit):
        main(["--\x1b"])
    out, err = capfd.readouterr()
    assert all(each.isprintable() or each == "\n" for each in out + err)
    assert "\\x1b]0;x\\x07\\r.toml:2: " in err
