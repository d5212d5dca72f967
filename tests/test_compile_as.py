"""sigroute compile --as: one file that stands in for another init, and what it tells of itself."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sigroute import __version__
from sigroute.as_rules import as_rules
from sigroute.bundle import BROKEN, HEAD
from sigroute.language import examine, load
from sigroute.pid1.compat import ROLES
from tests.compiled import compiled_as, environment, foreign, parts, run
from tests.pid1.compat.playing import played

ROOT = Path(__file__).parent.parent

#: Without this tini warns that it is not PID 1.
QUIET = environment(TINI_SUBREAPER="")

#: How each tells its version, and the code with which it ends where its program is not found.
VERSIONS = {
    "tini": ("--version", "tini version 0.19.0 - ", 127),
    "docker-init": ("--version", "tini version 0.19.0 - ", 127),
    "dumb-init": ("--version", "dumb-init v1.2.5 (", 2),
    "catatonit": ("--version", "tini version 0.1.7_catatonit - ", 1),
}


def sigroute(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sigroute", "compile", "--python", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("form", ["bytecode", "source"])
@pytest.mark.parametrize("name", ROLES)
def test_it_stands_in_for_the_program(name: str, form: str, tmp_path: Path) -> None:
    path = compiled_as(tmp_path, name, name=name)
    if form == "source":
        foreign(path)
    done = run(path, "--", "sh", "-c", "echo $0; exit 3", environ=QUIET)
    assert (done.returncode, done.stdout, done.stderr) == (3, "sh\n", "")
    word, version, missing = VERSIONS[name]
    done = run(path, word)
    assert done.returncode == 0
    assert (done.stdout + done.stderr).startswith(f"{version}sigroute {__version__}")
    assert run(path, "--", "no-such-program", environ=QUIET).returncode == missing
    usage = run(path)
    assert usage.returncode == 1
    assert name in usage.stderr


@pytest.mark.parametrize("form", ["bytecode", "source"])
@pytest.mark.parametrize("name", ROLES)
def test_it_tells_what_it_is(name: str, form: str, tmp_path: Path) -> None:
    path = tmp_path / "init"
    done = sigroute("--as", name, "-o", str(path))
    size = path.stat().st_size
    if form == "source":
        foreign(path)
    rules = run(path, "--sigroute-rules")
    assert (rules.returncode, rules.stderr) == (0, "")
    assert rules.stdout == as_rules(name, ["PROGRAM"], played(name, "PROGRAM"))
    digest = hashlib.sha256(rules.stdout.encode()).hexdigest()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{path}: {size // 1000} kB, as {name} (sha256 {digest})\n"
    version = run(path, "--sigroute-version").stdout
    assert version.startswith(f"sigroute {__version__}\nas {name} (sha256 {digest})\nbytecode for ")
    assert ("from source" in version) == (form == "source")
    seen = path.read_bytes()[:HEAD].decode()
    assert f"# as {name} (sha256 {digest})\n" in seen
    assert f"# INIT ... as {name} " in seen


@pytest.mark.parametrize("name", ROLES)
def test_the_rules_that_it_shows_are_right(name: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(run(compiled_as(tmp_path, name), "--sigroute-rules").stdout)
    assert examine(load(str(rules))) == ()


@pytest.mark.parametrize("words", [["--sigroute-version", "x"], ["x", "--sigroute-version"], ["--sigroute"]])
def test_these_words_are_its_own_only_when_they_stand_alone(words: list[str], tmp_path: Path) -> None:
    done = run(compiled_as(tmp_path, "tini", name="tini"), *words)
    assert done.returncode == 1
    assert done.stderr.startswith("tini: invalid option -- '-'\n")


def test_the_same_bytes_again(tmp_path: Path) -> None:
    for name in ROLES:
        made = {compiled_as(tmp_path, name, name=f"{name} {number}").read_bytes() for number in range(2)}
        path = tmp_path / "another"
        command = [sys.executable, "-B", "-m", "sigroute", "compile", "--python", "--as", name, "-o", str(path)]
        environ = {**environment(), "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "7", "LC_ALL": "C"}
        environ |= {"TINI_KILL_PROCESS_GROUP": "", "DUMB_INIT_SETSID": "0", "POSIXLY_CORRECT": ""}
        subprocess.run(command, check=True, capture_output=True, timeout=60, env=environ, cwd=tmp_path)
        assert made == {path.read_bytes()}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nginx", "--as", "tini"], "--as NAME takes no rules: it does what that program does"),
        (["--as", "tini", "--on", "stop=QUIT"], "--as NAME takes no rules: it does what that program does"),
        (["--as", "tini", "--log", "json"], "--as NAME has no log: it says what that program says"),
        (["--as", "tini", "--quiet"], "--as NAME has no log: it says what that program says"),
        (["--as", "nobody"], "argument --as: invalid choice: 'nobody'"),
        (["--as"], "argument --as: expected one argument"),
        ([], "which rules? FILE or NAME, or --as NAME for another init"),
    ],
)
def test_bad_usage(words: list[str], said: str, tmp_path: Path) -> None:
    path = tmp_path / "init"
    done = sigroute("-o", str(path), *words)
    assert (done.returncode, done.stdout) == (64, "")
    assert said in done.stderr
    assert not path.exists()


@pytest.mark.parametrize("part", ["first bytecode", "later bytecode", "first source", "later source", "plan", "about"])
def test_a_spoiled_file_is_refused_before_anything_is_started(part: str, tmp_path: Path) -> None:
    path = compiled_as(tmp_path, "dumb-init")
    data = bytearray(path.read_bytes())
    begin, size = parts(bytes(data))[part]
    data[begin + size // 2] ^= 1
    path.write_bytes(data)
    proof = tmp_path / "started"
    done = run(path, "touch", str(proof))
    assert (done.returncode, done.stdout, done.stderr) == (126, "", f"{path}{BROKEN}")
    assert not proof.exists()


@pytest.mark.parametrize("left", [HEAD, HEAD + 100, -1])
def test_a_file_that_is_cut_off_is_refused(left: int, tmp_path: Path) -> None:
    path = compiled_as(tmp_path, "tini")
    path.write_bytes(path.read_bytes()[:left])
    done = run(path, "touch", str(tmp_path / "started"))
    assert (done.returncode, done.stderr) == (126, f"{path}{BROKEN}")
    assert not (tmp_path / "started").exists()


def test_by_another_name_it_is_what_it_was_made_as(tmp_path: Path) -> None:
    """And tells of itself by the name that it is called by."""
    done = run(compiled_as(tmp_path, "dumb-init", name="tini"), "-x")
    assert done.returncode == 1
    assert re.fullmatch(r"tini: invalid option -- 'x'\n", done.stderr)
