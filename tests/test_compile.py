"""sigroute compile: what it writes and says, its exit codes, and what is left when it can't."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sigroute.compile import main, write
from tests.compiled import compiled, environment, part, run

ROOT = Path(__file__).parent.parent


def sigroute(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sigroute", "compile", "--python", *words]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, cwd=cwd, env=environ)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_it_writes_an_init_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "init"
    done = sigroute("nginx", "-o", str(path))
    data = path.read_bytes()
    text = subprocess.run([path, "--sigroute-rules"], check=True, capture_output=True, env=environment()).stdout
    digest = hashlib.sha256(text).hexdigest()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{path}: {len(data) // 1000} kB, rules nginx.toml (sha256 {digest})\n"
    assert f"rules nginx.toml (sha256 {digest})\n" in data[:700].decode()
    assert names(tmp_path) == ["init"]


def test_the_bundled_rules_are_those_that_sigroute_shows(tmp_path: Path) -> None:
    path = tmp_path / "init"
    assert main(["postgres", "--python", "-o", str(path)]) == 0
    command = [sys.executable, "-m", "sigroute", "rules", "show", "postgres"]
    shown = subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert run(path, "--sigroute-rules").stdout.encode() == shown.stdout


@pytest.mark.parametrize("words", [[], ["nginx"], ["nginx", "-o"], ["-o", "init"], ["nginx", "-o", "init", "more"]])
def test_bad_usage(tmp_path: Path, words: list[str]) -> None:
    done = sigroute(*words, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr.startswith("usage: sigroute compile ")
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("rules", "words", "said"),
    [
        ('[on]\nstop = "QIUT"\n', [], "did you mean QUIT?"),
        ("", ["--on", "stop=QIUT"], "did you mean QUIT?"),
        ("[on\n", [], "rules.toml:1"),
        ("[child.a]\n[child.b]\n", [], "command"),
    ],
)
def test_wrong_rules_fail_here_and_leave_what_was_there(
    tmp_path: Path, rules: str, words: list[str], said: str
) -> None:
    file, path = tmp_path / "rules.toml", tmp_path / "init"
    file.write_text(rules)
    path.write_text("the one before")
    done = sigroute(str(file), "-o", str(path), *words)
    assert (done.returncode, done.stdout) == (78, "")
    assert said in done.stderr
    assert path.read_text() == "the one before"


def test_a_rule_file_that_is_not_there(tmp_path: Path) -> None:
    done = sigroute("ngnix", "-o", str(tmp_path / "init"))
    assert done.returncode == 78
    assert "nginx" in done.stderr


def test_a_first_line_that_can_not_be(tmp_path: Path) -> None:
    done = sigroute("nginx", "-o", str(tmp_path / "init"), "--shebang", "python3")
    assert done.returncode == 64
    assert done.stderr == "sigroute compile: --shebang: it must begin with the absolute path of a program\n"
    assert names(tmp_path) == []


def test_warnings_are_shown_and_it_is_made_all_the_same(tmp_path: Path) -> None:
    done = sigroute(str(ROOT / "tests" / "data" / "warnings" / "changes-nothing.toml"), "-o", str(tmp_path / "init"))
    assert done.returncode == 0
    assert "warning" in done.stderr
    assert (tmp_path / "init").exists()


def test_where_it_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "fifo")
    for name, said in {
        "folder": "Is a directory",
        "no/such/init": "No such file or directory",
        "file/init": "Not a directory",
        "fifo": "it is a device, a pipe or a socket, and would be one no more",
    }.items():
        done = sigroute("nginx", "-o", str(tmp_path / name))
        assert (done.returncode, done.stdout) == (74, "")
        assert done.stderr == f"sigroute compile: cannot write {tmp_path / name}: {said}\n"
    assert names(tmp_path) == ["fifo", "file", "folder"]
    assert (tmp_path / "fifo").is_fifo()


def test_a_full_disk_leaves_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    path = compiled(tmp_path)
    before = path.read_bytes()
    limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 100; exec "$@"', "sh"]  # blocks of 512 bytes or 1 KiB
    command = [*limited, sys.executable, "-B", "-m", "sigroute", "compile", "--python", "nginx", "-o", str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (74, f"sigroute compile: cannot write {path}: File too large\n")
    assert path.read_bytes() == before
    assert names(tmp_path) == ["init", "rules.toml"]


def test_one_that_runs_is_replaced_and_not_written_over(tmp_path: Path) -> None:
    path = compiled(tmp_path)
    before = path.read_bytes()
    with path.open("rb") as running:
        compiled(tmp_path, '[on]\nstop = "QUIT"\n')
        assert running.read() == before
    assert path.read_bytes() != before


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o755), (0o077, 0o700), (0o027, 0o750)])
def test_who_may_run_it_is_a_matter_of_the_umask(tmp_path: Path, mask: int, mode: int) -> None:
    before = os.umask(mask)
    try:
        write(tmp_path / "init", b"")
    finally:
        assert os.umask(before) == mask
    assert (tmp_path / "init").stat().st_mode & 0o777 == mode


def test_a_name_as_long_as_there_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write(path, b"init")
    assert path.read_bytes() == b"init"


def test_what_the_command_line_said_is_compiled_in(tmp_path: Path) -> None:
    path = compiled(tmp_path, '[on]\nUSR1 = "TERM"\n', "--on", "USR1=KILL", "--log", "json", "--log-level", "debug")
    done = run(path, "--", "sh", "-c", "kill -USR1 $PPID; while :; do sleep 1; done")
    assert done.returncode == 137
    assert '"event": "started"' in done.stderr
    assert '"level": "debug"' in done.stderr
    assert run(path, "--sigroute-rules").stdout.endswith("# on the command line:\n# --on USR1=KILL\n")


def test_quiet_is_quiet(tmp_path: Path) -> None:
    done = run(compiled(tmp_path, "", "--quiet"), "--", "no-such-program")
    assert (done.returncode, done.stderr) == (127, "")


def test_what_it_is_like_is_shown_as_comments_and_the_whole_compiles_again(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text('# the base\n[on]\nstop = "QUIT"\n')
    path = compiled(tmp_path, '[child.a]\ncommand = ["a"]\nlike = "./base.toml"')
    text = run(path, "--sigroute-rules").stdout
    assert text == (
        '[child.a]\ncommand = ["a"]\nlike = "./base.toml"\n\n'
        '# what is like "base.toml" has:\n# # the base\n# [on]\n# stop = "QUIT"\n'
    )
    again = compiled(tmp_path, text, name="again")
    assert part(again, "plan") == part(path, "plan")


def test_names_can_not_act_on_a_terminal(tmp_path: Path) -> None:
    rules = tmp_path / "ok\33[31m.toml"
    rules.write_text('[on]\nHUP = "drop"\n')
    done = subprocess.run(
        [sys.executable, "-m", "sigroute", "compile", "--python", rules, "-o", tmp_path / "o\33[31m"],
        check=True,
        capture_output=True,
    )
    assert b"\33" not in done.stdout + done.stderr
    made = (tmp_path / "o\33[31m").read_bytes()
    assert b"rules ok\\x1b[31m.toml" in made[:1000]
    assert b"\33" not in made[:4096]
