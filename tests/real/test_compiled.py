"""A compiled init as PID 1, and as anybody's child: with its own bytecode, and from source."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tests.compiled import QUITS, RULES, environment, is_static, run
from tests.real.container import Container, children
from tests.real.programs import OF_LIBC, is_ready, names, recorder
from tests.real.test_zombies import ORPHANS
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_pid_1_routes_by_the_rules(tmp_path: Path, init: Path) -> None:
    got = tmp_path / "got"
    with Container(tmp_path, [str(init), "--", *recorder(got, "QUIT=7")], environment=environment()) as container:
        until(lambda: is_ready([got]), "the child is ready")
        container.send(signal.SIGUSR1)
        until(lambda: names(got) == ["USR2"], "the first is there")
        container.send(signal.SIGTERM)
        assert container.wait() == 7
    assert names(got) == ["USR2", "QUIT"]


def test_orphans_are_reaped(tmp_path: Path, init: Path) -> None:
    with Container(tmp_path, [str(init), "--", "sh", "-c", ORPHANS], environment=environment()) as container:
        container.said("all")
        until(lambda: len(children(container.pid)) == 1, "nothing is left but the child")
        container.send(signal.SIGQUIT)
        assert container.wait() == 131


def test_there_may_be_more_children(tmp_path: Path, make_init: Callable[..., Path]) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    path = make_init(
        f"[child.one]\ncommand = {json.dumps(recorder(one, 'TERM=4'))}\n[child.two]\n[child.two.on]\nstop = 'INT'\n"
        "[exit]\nwhen = 'all'\ncode = 'two'\n",
    )
    with Container(tmp_path, [str(path), *recorder(two, "INT=5")], environment=environment()) as container:
        until(lambda: is_ready([one, two]), "both are ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 5
    assert (names(one), names(two)) == (["TERM"], ["INT"])


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        (["sh", "-c", "exit 3"], 3, "exited with 3"),
        (["sh", "-c", "kill -9 $$"], 137, "KILL"),
        (["no-such-program"], 127, "was not found in PATH"),
        (["/etc"], 126, "is a directory"),
        (["/etc/passwd"], 126, "is not executable"),
        ([""], 127, "an empty word"),
    ],
)
def test_exit_codes(init: Path, command: list[str], code: int, said: str) -> None:
    done = run(init, "--", *command)
    assert done.returncode == code
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command to run"),
        (["--"], "no command to run"),
        (["-x"], "it has no option -x (what is for the command goes after --)"),
        (["-\33[31mx"], r"it has no option -\x1b[31mx (what is for the command goes after --)"),
        (["--sigroute-rules", "x"], "--sigroute-rules goes alone"),
    ],
)
def test_bad_usage(init: Path, words: list[str], said: str) -> None:
    done = run(init, *words)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.splitlines()[:2] == [
        f"{init}: {said}",
        f"usage: {init} [--] COMMAND [ARG...]   be the init of this command, by the rules compiled in",
    ]


def test_bad_usage_is_told_to_whom_reads_it(init: Path) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while True:
            os.write(writer, b"x" * 4096)
    os.set_blocking(writer, True)
    done = subprocess.run([init, "-x"], check=False, stderr=writer, timeout=PATIENCE)
    os.close(reader)
    os.close(writer)
    assert done.returncode == 64


@pytest.mark.parametrize("more", ["", "[child.c]\ncommand = ['true']\nneeds = 'a'\n"])
def test_a_command_that_nobody_waits_for_runs_instead(
    tmp_path: Path, make_init: Callable[..., Path], more: str
) -> None:
    path = make_init(f"[child.a]\ncommand = ['touch', '{tmp_path}/a']\n{more}")
    done = run(path, "sh", "-c", f"touch {tmp_path}/b; exit 5")
    assert done.returncode == 5
    assert "sh (pid" in done.stderr
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").exists()
    assert run(path).returncode == 0
    assert (tmp_path / "a").exists()


def test_what_it_tells_of_itself(init: Path) -> None:
    assert run(init, "--sigroute-rules").stdout == RULES
    told = run(init, "--sigroute-version").stdout
    if is_static(init):
        assert re.fullmatch(r"sigroute \S+\nrules rules\.toml \(sha256 [0-9a-f]{64}\)\n", told)
        return
    head = [line.removeprefix("# ") for line in init.read_bytes()[:700].decode().splitlines()]
    assert told.splitlines()[:3] == head[4:7]
    assert ("it starts slower, from source" in told) == (b"MAGIC = b'x" in init.read_bytes())


@pytest.mark.parametrize(("where", "code"), [("| head -1", 0), (">/dev/full", 74), (">&-", 74)])
def test_an_answer_that_nobody_takes(make_init: Callable[..., Path], where: str, code: int) -> None:
    init = make_init(RULES + "# more\n" * 30_000)
    done = subprocess.run(
        ["sh", "-c", f'"$0" --sigroute-rules {where}', init],
        check=False, capture_output=True, text=True, timeout=60, env=environment(),
    )  # fmt: skip
    assert done.returncode == code
    assert ("cannot write to standard output: " in done.stderr) == (code == 74)
    assert len(done.stderr.splitlines()) == (code == 74)


def test_sockets_that_were_ours_are_the_childs(init: Path) -> None:
    script = "export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" -- sh -c 'echo $LISTEN_PID $$'"
    done = subprocess.run(
        ["sh", "-c", script, init], check=True, capture_output=True, text=True, env=environment(), timeout=60
    )
    listens, own = done.stdout.split()
    assert listens == own


@pytest.mark.parametrize(
    "environ", [{}, {"LC_ALL": "C"}, {"LANG": "C", "A": "b", "EMPTY": ""}, {"LC_CTYPE": "C.UTF-8"}]
)
def test_the_environment_is_as_it_was_given(init: Path, environ: dict[str, str]) -> None:
    """In the C locale CPython adds one of its own, which would be every child's."""
    given = {**environment(), **environ}
    done = run(init, "--", "env", environ=given)
    assert dict(line.split("=", 1) for line in done.stdout.splitlines()) == given


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_bytes_that_are_no_text(init: Path, locale: str) -> None:
    done = subprocess.run(
        [init, "--", "sh", "-c", 'printf "%s|" "$@" "$WORD"', "sh", b"\xff\xfe", "\xe9", b"a\nb", ""],
        check=True, capture_output=True, timeout=60,
        env={**{name.encode(): text.encode() for name, text in environment(LC_ALL=locale).items()}, b"WORD": b"\x80"},
    )  # fmt: skip
    assert done.stdout == b"\xff\xfe|\xc3\xa9|a\nb||\x80|"


def spoil_signals() -> None:
    """Be such a parent: the child inherits all this (signal(7))."""
    for number in (signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM, signal.SIGCHLD})


def test_the_child_starts_clean_and_is_waited_for_whatever_was_inherited(init: Path) -> None:
    done = subprocess.run(
        [init, "--", "sh", "-c", "cat /proc/self/status; exit 9"],
        check=False, capture_output=True, text=True, timeout=60, env=environment(),
        preexec_fn=spoil_signals,
    )  # fmt: skip
    assert done.returncode == 9
    masks = dict(re.findall(r"^(Sig(?:Blk|Ign|Cgt)):\s(\w+)$", done.stdout, re.MULTILINE))
    assert {name: int(mask, 16) & ~OF_LIBC for name, mask in masks.items()} == {"SigBlk": 0, "SigIgn": 0, "SigCgt": 0}


def test_whoever_ignored_a_stop_before_does_not_now(init: Path) -> None:
    process = subprocess.Popen(
        [init, "--", "sh", "-c", QUITS],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(),
        preexec_fn=spoil_signals,  # noqa: PLW1509 - what is inherited
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 7
        finally:
            process.kill()
