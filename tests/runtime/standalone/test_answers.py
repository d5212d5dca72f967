"""The static sigroute answers as the package does: the same words, the same code."""

from __future__ import annotations

import os
import platform
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

DATA = Path(__file__).parents[2] / "data"
RULES = DATA.parents[1] / "rules"

#: Without what differs where a command is looked for.
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}

COMMAND_LINES = {
    "version": ["--version"],
    "help": ["--help"],
    "help of check": ["check", "--help"],
    "help of compile": ["compile", "--help"],
    "help of rules": ["rules", "--help"],
    "help of schema": ["schema", "--help"],
    "schema": ["schema"],
    "schema of what": ["schema", "nginx"],
    "bundled": ["rules"],
    "a bundled file": ["rules", "show", "nginx"],
    "no bundled file": ["rules", "show", "ngnix"],
    "tables": ["check", "nginx", "postgres", "haproxy", "httpd", "php-fpm", "default"],
    "strict": ["check", "--strict", "--stopsignal", "USR1", "--platform-grace", "1s", "nginx"],
    "help of explain": ["explain", "--help"],
    **{
        f"explained as {form}": ["explain", "postgres", "TERM", "--child", "postgres=exits:3s", "--format", form]
        for form in ("text", "json", "mermaid", "svg")
    },
    "the worst": ["explain", "--worst", "setups/web-php-db-task.toml"],
    "help of all": ["help"],
    "help of help": ["help", "help"],
    "help of what": ["help", "chekc"],
    "help of timeline": ["timeline", "--help"],
    "help of replay": ["replay", "--help"],
    "no journal": ["replay", "setups/cron.toml"],
    "no log": ["timeline", "setups/cron.toml"],
    "explain what": ["explain", "nginx", "TREM"],
    "a missing file": ["check", "/nonexistent.toml"],
    "a folder": ["check", "/"],
    "a wrong option": ["--rulez", "nginx", "true"],
    "no command": ["--rules", "nginx"],
    "no rules": ["--rules", "ngnix", "true"],
    "an empty command": ["--rules", "nginx", ""],
    "a command that looks like an option": ["--rules", "nginx", "--", "--sigroute-version"],
    "a command that is a dash": ["--rules", "nginx", "--", "-"],
    "two times --": ["--rules", "nginx", "--", "--", "true"],
    "rules that are no text": ["--rules", "/tmp/\udcff.toml", "--", "true"],
    "a long name": ["--", "a" * 2000],
    "a wrong action": ["--on", "stop=5 QUIT", "true"],
    "a wrong format": ["--log", "xml", "true"],
    "nothing": [],
    "print-rules": ["--as", "tini", "--print-rules", "-g", "--", "sleep", "3"],
    "nobody": ["--as", "init", "sleep", "3"],
    "tini's version": ["--as", "tini", "--version"],
    "tini's usage": ["--as", "tini", "-x"],
    "dumb-init's help": ["--as", "dumb-init", "--help"],
    "catatonit's usage": ["--as", "catatonit"],
    "compile what": ["compile", "-o", "/nonexistent/init"],
    "compile bad rules": ["compile", "/nonexistent.toml", "-o", "/nonexistent/init"],
}


def said(command: list[str], words: list[str]) -> tuple[int, str, str]:
    done = subprocess.run(
        [*command, *words], check=False, capture_output=True, text=True, timeout=60, env=ENVIRONMENT, cwd=DATA
    )
    # The package names bundled files by their path; pids and times differ.
    return done.returncode, done.stdout, re.sub(r"\d+-\d+-\S+Z|\b\d{3,}\b", "N", done.stderr.replace(f"{RULES}/", ""))


@pytest.mark.usefixtures("runtimes")
@pytest.mark.parametrize("words", COMMAND_LINES.values(), ids=COMMAND_LINES)
def test_a_command_line(whole: Path, words: list[str]) -> None:
    assert said([str(whole)], words) == said([sys.executable, "-P", "-m", "sigroute"], words)


@pytest.mark.parametrize("kind", ["valid", "invalid", "warnings"])
def test_every_rule_file_of_the_corpus(whole: Path, kind: str) -> None:
    files = sorted(str(path.relative_to(DATA)) for path in (DATA / kind).rglob("*.toml"))
    assert files
    command = ["check", *files]
    assert said([str(whole)], command) == said([sys.executable, "-P", "-m", "sigroute"], command)


def test_what_takes_the_package_says_so(whole: Path, tmp_path: Path) -> None:
    init = str(tmp_path / "init")
    other = "aarch64" if platform.machine() == "x86_64" else "x86_64"
    for words in (
        ["demo"],
        ["completion", "bash"],
        *(["compile", "nginx", "-o", init, *more] for more in (["--python"], ["--arch", other])),
    ):
        code, _, why = said([str(whole)], words)
        assert code == 69
        assert "Python package" in why
    assert not os.path.lexists(init)


def test_a_reader_that_goes_ends_it(whole: Path) -> None:
    process = subprocess.Popen([whole, "rules", "show", "nginx"], stdout=subprocess.PIPE)
    assert process.stdout
    process.stdout.close()
    assert process.wait(timeout=60) in (-signal.SIGPIPE, 128 + signal.SIGPIPE)


def test_a_full_disk_is_told(whole: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([whole, "rules"], check=False, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 74
    assert "cannot write to standard output" in done.stderr


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_a_closed_descriptor_is_left_alone(whole: Path, closed: int, tmp_path: Path) -> None:
    """What gets its number is not the answer's."""
    script = f"exec {closed}>&-; exec '{whole}' --quiet -- true"
    assert subprocess.run(["sh", "-c", script], check=False, timeout=60, cwd=tmp_path).returncode == 0


def test_compile_over_the_limit_of_files_leaves_nothing(whole: Path, tmp_path: Path) -> None:
    script = f"ulimit -f 1000; exec '{whole}' compile nginx -o init"
    done = subprocess.run(["bash", "-c", script], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (74, "sigroute compile: cannot write init: File too large\n")
    assert not list(tmp_path.iterdir())
