"""The static sigroute runs a command: anywhere, by rules and as another init, with nothing but itself."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.real.container import Container, children, comm
from tests.real.require import need
from tests.real.traffic import until

#: It ends with 7 at QUIT; TERM would end it with 143.
QUITS = "trap 'exit 7' QUIT; echo ready; while :; do sleep 0.05; done"

RULES = '[on]\nstop = "QUIT"\n'

WAYS = {
    "bundled": ["--rules", "nginx", "--"],
    "bundled, without --": ["--rules", "nginx"],
    "a file": ["--rules", "rules.toml", "--"],
    "an option": ["--on", "stop=QUIT", "--"],
    "both": ["--rules", "default", "--on", "stop=QUIT", "--"],
    "in JSON": ["--log", "json", "--rules", "nginx", "--"],
}


@pytest.mark.parametrize("options", WAYS.values(), ids=WAYS)
def test_a_stop_by_rules(whole: Path, tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "rules.toml").write_text(RULES)
    command = [str(whole), *[str(tmp_path / each) if each == "rules.toml" else each for each in options]]
    nginx = shutil.copy("/bin/sh", tmp_path / "nginx")  # by its name, it is the program of the rules
    with Container(tmp_path, [*command, str(nginx), "-c", QUITS]) as container:
        until(lambda: "ready" in container.log(), "it is ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 7
        assert "QUIT" in container.log()


def by_file(whole: Path, folder: Path, *command: str) -> list[str]:
    """Return a command by a rule file that is made in this folder."""
    rules = folder / "rules.toml"
    rules.write_text(RULES)
    return [str(whole), "--rules", str(rules), "--", *command]


def slow(seconds: int, command: list[str]) -> list[str]:
    """Return a command whose first descendant that opens a file takes so long for it: the helper, for the rules."""
    need(shutil.which("strace"), "strace")
    inject = f"inject=openat:delay_enter={seconds}000000:when=1"
    return ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=openat", "-e", inject, *command]


def helper_of(parent: int) -> int:
    """Return the pid of the process that reads the rules, once there is one."""
    found: list[int] = []

    def look() -> bool:
        found[:] = [pid for pid in children(parent) if comm(pid) == "sigroute"]
        return bool(found)

    until(look, "it reads")
    return found[0]


def test_a_stop_while_rules_are_read_is_kept(whole: Path, tmp_path: Path) -> None:
    with Container(tmp_path, slow(1, by_file(whole, tmp_path, "sh", "-c", QUITS))) as container:
        helper_of(container.pid)
        container.send(signal.SIGTERM)
        assert container.wait() in (7, 128 + signal.SIGQUIT)  # by QUIT, with the trap or before it


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT, signal.SIGRTMIN + 3])
def test_a_stop_ends_it_where_that_takes_long(whole: Path, tmp_path: Path, stop: signal.Signals) -> None:
    with Container(tmp_path, slow(60, by_file(whole, tmp_path, "true"))) as container:
        helper_of(container.pid)
        container.send(stop)
        assert container.wait() == 128 + stop


def test_a_helper_that_is_killed_is_told(whole: Path, tmp_path: Path) -> None:
    with Container(tmp_path, slow(60, by_file(whole, tmp_path, "true"))) as container:
        os.kill(helper_of(container.pid), signal.SIGKILL)
        assert container.wait() == 126
        assert "cannot run: the process that reads the rules was killed" in container.log()


@pytest.mark.parametrize("size", range(12, 42, 2))
def test_without_memory_it_says_so(whole: Path, tmp_path: Path, size: int) -> None:
    """Or there is enough. Where not even the file with its 10 MB fits, the C library ends before sigroute begins."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (size << 20, size << 20))

    done = subprocess.run(
        by_file(whole, tmp_path, "true"), check=False, capture_output=True, text=True, timeout=60,
        preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == 0 or (done.returncode == 126 and ": cannot run: " in done.stderr)
    assert "Traceback" not in done.stderr


def test_a_helper_that_can_not_be_started_now_is_started_later(whole: Path, tmp_path: Path) -> None:
    need(shutil.which("strace"), "strace")
    inject = ["-e", "trace=clone", "-e", "inject=clone:error=EAGAIN:when=1"]
    command = ["strace", "-qq", "-o", "/dev/null", *inject, *by_file(whole, tmp_path, "sh", "-c", "exit 6")]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 6
    assert "cannot start the process that reads the rules now, trying again: Resource temporarily" in done.stderr


def test_a_helper_ends_with_its_parent(whole: Path, tmp_path: Path) -> None:
    """It blocks all signals, and so would live on."""
    process = subprocess.Popen(slow(60, by_file(whole, tmp_path, "true")), stderr=subprocess.DEVNULL)
    helper = helper_of(process.pid)
    process.kill()
    process.wait(timeout=60)
    until(lambda: not Path(f"/proc/{helper}").exists(), "the helper has ended")


@pytest.mark.parametrize("words", [["--"], ["--rules", "nginx", "--"], ["--as", "tini", "-s", "--"]])
def test_where_the_working_directory_is_gone(whole: Path, tmp_path: Path, words: list[str]) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    script = f'rmdir \'{gone}\' && exec "$0" "$@"'
    command = ["sh", "-c", script, str(whole), *words, "sh", "-c", "exit 6"]
    assert subprocess.run(command, check=False, timeout=60, cwd=gone).returncode == 6


@pytest.mark.parametrize("word", ["check", "compile", "rules", "demo"])
def test_another_init_has_no_commands(whole: Path, tmp_path: Path, word: str) -> None:
    link = tmp_path / "tini"
    link.symlink_to(whole)
    program = tmp_path / word
    program.write_text("#!/bin/sh\nexit 9\n")
    program.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TINI_SUBREAPER": ""}
    assert subprocess.run([link, word, "nginx"], check=False, timeout=60, env=environment).returncode == 9


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--as", "tini", "--", "/hold", "3"], 3),
        (["--as", "dumb-init", "/hold", "4"], 4),
        (["--rules", "nginx", "--", "/hold", "5"], 5),
        (["--quiet", "/hold", "6"], 6),
        (["--quiet", "/missing"], 127),
    ],
)
def test_in_an_empty_root(whole: Path, tmp_path: Path, words: list[str], code: int) -> None:
    need(os.geteuid() == 0, "root, for chroot")
    shutil.copy(whole, tmp_path / "sigroute")
    source = "int main(int count, char **words) { return words[count - 1][0] - '0'; }"
    subprocess.run(
        ["gcc", "-static", "-xc", "-", "-o", tmp_path / "hold"], check=True, input=source, text=True, timeout=60
    )
    done = subprocess.run(["/usr/sbin/chroot", tmp_path, "/sigroute", *words], check=False, timeout=60, env={})
    assert done.returncode == code


def test_by_the_name_of_another_init(whole: Path, tmp_path: Path) -> None:
    link = tmp_path / "dumb-init"
    link.symlink_to(whole)
    done = subprocess.run([link, "--version"], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "dumb-init" in done.stdout + done.stderr
    assert subprocess.run([link, "sh", "-c", "exit 8"], check=False, timeout=60).returncode == 8


def test_it_opens_no_file(whole: Path, tmp_path: Path) -> None:
    """Not even with an environment that would lead Python astray."""
    need(shutil.which("strace"), "strace")
    log = tmp_path / "strace"
    astray = {"PYTHONHOME": "/x", "PYTHONPATH": "/x", "PYTHONINSPECT": "1", "TZ": ":/x", "LC_ALL": "ja_JP.eucJP"}
    subprocess.run(
        ["strace", "-f", "-e", "trace=file", "-o", log, whole, "--quiet", "--rules", "nginx", "--", "/bin/true"],
        check=True, timeout=60, env=astray,
    )  # fmt: skip
    own = log.read_text().partition('execve("/bin/true"')[0]
    calls = [line for line in own.splitlines() if "(" in line and "execve" not in line]
    assert not [line for line in calls if ', "", ' not in line]  # fstat(2) is fstatat(2) with AT_EMPTY_PATH


def test_pid_1_is_as_lean_as_a_compiled_init(whole: Path, tmp_path: Path) -> None:
    init = tmp_path / "init"
    subprocess.run([whole, "compile", "nginx", "-o", init], check=True, stdout=subprocess.DEVNULL, timeout=60)
    os.sync()  # the pages of a new file are dirty until then
    bundled = private([str(whole), "--quiet", "--rules", "nginx", "--"])
    assert bundled <= private([str(init), "--"]) + 16


def private(command: list[str]) -> int:
    """Return how many kB of private memory an init has written to while it waits."""
    process = subprocess.Popen([*command, "sleep", "60"], stderr=subprocess.DEVNULL)
    try:
        until(lambda: "sleep" in map(comm, children(process.pid)), "it runs")
        time.sleep(0.2)  # what follows the start
        text = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        return int(text.partition("Private_Dirty:")[2].split()[0])
    finally:
        for pid in children(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(timeout=60)
