"""The command line as a person meets it: help, versions, mistakes; nothing is started by any of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def sigroute(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sigroute", *words], check=False, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"], ["rules", "--help"]])
def test_help_fits_a_terminal_and_names_the_exit_codes(words: list[str]) -> None:
    done = sigroute(*words)
    assert done.returncode == 0
    assert done.stderr == ""
    assert all(len(line) <= 100 for line in done.stdout.splitlines())


def test_the_main_help_leads_to_everything() -> None:
    said = sigroute("--help").stdout
    for word in ("check", "rules", "demo", "--rules", "--on", "--log", "--quiet", "64", "78", "126", "127"):
        assert word in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no command to run"),
        (["--rules", "nginx"], "no command for child nginx"),
        (["--rulez", "nginx", "true"], "unrecognized arguments: --rulez"),
        (["--log", "xml", "true"], "argument --log: invalid choice: 'xml'"),
        (["rules", "show"], "show which? default, haproxy"),
        (["rules", "show", "ngnix"], "no bundled rules 'ngnix'"),
        (["rules", "print"], "unknown word 'print': sigroute rules show NAME prints one file"),
        (["--quiet", "--log-level", "info", "true"], "argument --log-level: not allowed with argument --quiet"),
    ],
)
def test_bad_usage_ends_with_64_and_a_way_out(words: list[str], said: str) -> None:
    done = sigroute(*words)
    assert (done.returncode, done.stdout) == (64, "")
    assert said in done.stderr


def test_every_bundled_file_is_listed_and_shown() -> None:
    listed = sigroute("rules").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["default", "haproxy", "httpd", "nginx", "php-fpm", "postgres"]
    shown = sigroute("rules", "show", "nginx").stdout
    assert shown.startswith("# nginx: ")
    assert "[child.nginx.on]" in shown


@pytest.mark.parametrize("words", ["rules show nginx", "--help", "--as tini --print-rules true"])
def test_a_closed_pipe_ends_it_without_a_word(words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "sigroute", *words.split()]
    done = subprocess.run(command, check=False, stdout=writer, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writer)
    assert (done.returncode, done.stderr) in ((-signal.SIGPIPE, ""), (128 + signal.SIGPIPE, ""))


ANSWERED = (
    "rules",
    "rules show nginx",
    "check nginx",
    "demo",
    "compile --python nginx -o INIT",
    "--as tini --print-rules true",
    "--version",
    "--help",
    "check --help",
    "demo --help",
)


@pytest.mark.parametrize(
    ("where", "why"),
    [(">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")],
)
@pytest.mark.parametrize("words", ANSWERED)
def test_an_answer_that_can_not_be_written_is_told(tmp_path: Path, words: str, where: str, why: str) -> None:
    command = f'unset PYTHONUNBUFFERED; exec "$0" -m sigroute {words} {where}'
    done = subprocess.run(
        ["sh", "-c", command, sys.executable], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (74, f"sigroute: cannot write to standard output: {why}\n")


def test_a_name_that_the_output_has_no_letters_for_is_shown_all_the_same(tmp_path: Path) -> None:
    rules = tmp_path / "é.toml"
    rules.write_text('[on]\nHUP = "drop"\n', encoding="utf-8")
    command = [sys.executable, "-m", "sigroute", "check", str(rules)]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60, env=environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{tmp_path}/\\xe9.toml:\n")


@pytest.mark.parametrize(("words", "code"), [(["check", "nginx"], 0), (["check", "nosuch"], 78), (["--rulez"], 64)])
def test_pythoninspect_leaves_nobody_at_a_prompt(words: list[str], code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sigroute", *words],
        check=False, capture_output=True, text=True, timeout=60,
        input="print('at a prompt')\n", env={**os.environ, "PYTHONINSPECT": "1"},
    )  # fmt: skip
    assert done.returncode == code
    assert "at a prompt" not in done.stdout


def test_a_program_that_is_not_there_may_be_a_command_of_sigroute() -> None:
    done = sigroute("chekc", "nginx")
    assert done.returncode == 127
    assert 'no program "chekc" in PATH: did you mean check?' in done.stderr
    for words in (["--", "chekc"], ["./chekc"], ["no-such-program"]):
        assert "did you mean" not in sigroute(*words).stderr
