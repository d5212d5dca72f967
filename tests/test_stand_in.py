"""Standing in for another init: by a link's name, by --as, and what its child is started with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.compat import ROLES
from tests.compiled import environment
from tests.pid1.compat.playing import answered
from tests.real.container import SIGROUTE, children
from tests.real.programs import OF_LIBC, is_ready, names, recorder
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent

#: What an installer writes for [project.scripts].
SCRIPT = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(ROOT)!r})
from sigroute.start import main
sys.exit(main())
"""


@pytest.fixture(name="link")
def _link(tmp_path: Path) -> Callable[[str], Path]:
    """Return what makes a link of a name to the command."""
    script = tmp_path / "sigroute"
    script.write_text(SCRIPT)
    script.chmod(0o755)

    def link(name: str) -> Path:
        path = tmp_path / name
        path.symlink_to(script)
        return path

    return link


def run(*command: str | Path, **environ: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env={**os.environ, **environ}
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("name", ROLES)
def test_by_the_name_of_a_link(name: str, link: Callable[[str], Path]) -> None:
    path = link(name)
    assert run(path, "--", "sh", "-c", "exit 3", TINI_SUBREAPER="1") == (3, "", "")
    code, out, err = run(path, "-h")
    assert code == 0
    assert "standing in for " in out + err
    assert name in out + err
    assert run(path)[0] == 1


def test_it_is_the_name_and_no_word_that_counts(link: Callable[[str], Path]) -> None:
    """Also where a word would be a command of sigroute's, or another name."""
    path = link("catatonit")
    assert run(path, "--version")[1].startswith("tini version 0.1.7_catatonit")
    assert run(path, "--as", "tini")[0] == 1
    assert run(path, "--", "check", PATH="/no/such")[0] == 1  # not found, for catatonit


@pytest.mark.parametrize("name", ["tiny", "mytini", "tini2"])
def test_another_name_is_sigroute(name: str, link: Callable[[str], Path]) -> None:
    assert run(link(name), "--version")[1].startswith("sigroute ")


@pytest.mark.parametrize(
    "words", [[], ["nobody"], [""], ["Tini"], ["/sbin/tini"], ["--print-rules"], ["--", "tini"], ["{}"]]
)
def test_nobody_to_stand_in_for(words: list[str]) -> None:
    code, out, err = run(*SIGROUTE, "--as", *words)
    assert (code, out) == (64, "")
    assert err.count("\n") == 1
    assert err.startswith("sigroute: ")
    assert err.endswith(": tini, docker-init, dumb-init, catatonit\n")


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("word", ["check", "compile", "rules", "--print-rules"])
def test_a_program_of_the_name_of_a_command(name: str, word: str, tmp_path: Path) -> None:
    program = tmp_path / word
    program.write_text('#!/bin/sh\necho "$0 $*"\nexit 9\n')
    program.chmod(0o755)
    words = [word] if word != "--print-rules" else ["--", word]
    code, out, _ = answered(name, *words, "a", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert (code, out) == (9, f"{program} a\n")


SHOWS = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]


def bits(*numbers: int) -> int:
    return sum(1 << number - 1 for number in numbers)


def inherit() -> None:
    """Be a parent that has some signals ignored and some blocked; run in the child."""
    signal.signal(signal.SIGUSR2, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(40, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGTERM, signal.SIGSEGV, 41})


BLOCKED, IGNORED = bits(10, 15, 11, 41), bits(12, 1, 40)


@pytest.mark.parametrize(
    ("name", "blocked", "ignored"),
    [
        ("tini", BLOCKED, IGNORED),
        ("docker-init", BLOCKED, IGNORED),
        ("dumb-init", 0, bits(40)),
        ("catatonit", BLOCKED | bits(20, 21, 22), IGNORED),
    ],
)
def test_the_signals_that_its_child_starts_with(name: str, blocked: int, ignored: int) -> None:
    done = subprocess.run(
        [*SIGROUTE, "--as", name, "--", *SHOWS],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        preexec_fn=inherit,
    )
    masks = [int(line.split()[1], 16) & ~OF_LIBC for line in done.stdout.splitlines()]
    assert masks == [blocked, ignored]


@pytest.mark.parametrize(("name", "said"), [("SIGTERM", ["TERM"]), ("SIGUSR1", ["USR1", "TERM"])])
def test_the_death_of_the_parent_is_a_signal(name: str, said: list[str], tmp_path: Path) -> None:
    path = tmp_path / "got"
    command = [*SIGROUTE, "--as", "tini", "-s", "-p", name, "--", *recorder(path, "TERM=0")]
    parent = subprocess.Popen(["sh", "-c", '"$@" & read never', "sh", *command], stdin=subprocess.PIPE)
    until(lambda: is_ready([path]), "the child is ready")
    (tini,) = children(parent.pid)
    parent.kill()
    parent.communicate()
    until(lambda: names(path), "the child has got it")
    if name != "SIGTERM":
        os.kill(tini, signal.SIGTERM)
    until(lambda: not Path(f"/proc/{tini}/exe").exists(), "it has ended")
    assert names(path) == said


#: Ends when its orphan has ended and has been reaped.
ORPHAN = """
orphan=$(sh -c 'sleep 0.05 > /dev/null & echo $!'); echo $orphan
while kill -0 $orphan 2> /dev/null; do sleep 0.05; done
"""


@pytest.mark.parametrize("name", ["tini", "docker-init"])
def test_orphans_come_to_it_where_it_adopts_them(name: str) -> None:
    code, out, err = answered(name, "-sw", "--", "sh", "-c", ORPHAN)
    assert (code, err.partition("] ")[2]) == (0, f"Reaped zombie process with pid={out.strip()}\n")


def test_it_warns_where_orphans_do_not_come_to_it() -> None:
    code, out, err = answered("tini", "-w", "true")
    assert (code, out) == (0, "")
    assert err.startswith("[WARN  tini (")
    assert "isn't registered as a child subreaper" in err
    assert answered("tini", "true", TINI_VERBOSITY="0") == (0, "", "")


def is_in(pid: int) -> str:
    return str(Path(f"/proc/{pid}/cwd").readlink())


@pytest.mark.parametrize(("name", "where"), [("tini", ""), ("dumb-init", "/"), ("catatonit", "/")])
def test_where_it_is(name: str, where: str, tmp_path: Path) -> None:
    """Its child stays where it was started in any case."""
    path = tmp_path / "got"
    process = subprocess.Popen(
        [*SIGROUTE, "--as", name, "--", *recorder(path, "TERM=0")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until(lambda: is_ready([path]), "the child is ready")
    (child,) = children(process.pid)
    until(lambda: is_in(process.pid) == (where or str(tmp_path)), "it is there")
    assert is_in(child) == str(tmp_path)
    process.terminate()
    assert process.wait(PATIENCE) == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-s", "true"], 0, "[WARN  tini (PID)] cannot be a subreaper, so zombies will not come to it: REASON\n"),
        (
            ["-p", "SIGTERM", "true"],
            1,
            "[FATAL tini (PID)] cannot have a signal at the death of the parent (-p): REASON\n",
        ),
    ],
)
def test_by_a_python_without_ctypes(words: list[str], code: int, said: str) -> None:
    """Debian's python3-minimal: what it can't do it says in tini's form, and advises nothing that was done."""
    setup = f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules['ctypes'] = None"
    play = f"from sigroute.become import run_as; run_as('tini', {words!r}, ())"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{setup}; {play}"], stderr=subprocess.PIPE, text=True, env=environment()
    )
    _, err = process.communicate(timeout=60)
    expected = said.replace("PID", str(process.pid)).replace("REASON", "this Python has no ctypes")
    assert (process.returncode, err) == (code, expected)
