"""``terminal = "sigroute"``: what the terminal sends is for the rules, and the child can't have it as well."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING

from tests.real.programs import RECORDER, is_ready, names, recorder

from . import processes
from .screen import CTRL_C, CTRL_Z

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Sit

#: With no stop but TERM, each INT is only routed.
RULES = """
[signals]
stop = ["TERM"]
[child.one]
terminal = "sigroute"
[child.one.on]
"INT@tty" = "USR1"
"WINCH@tty" = "USR2"
"""

#: Its name is not that of an interpreter, so it can be told from the entrypoint that becomes it.
SERVER = f"#!{sys.executable} -I\n{RECORDER}"

READER = """
import os, signal
signal.signal(signal.SIGTTIN, signal.SIG_IGN)
try:
    os.read(0, 1)
except OSError as error:
    print("errno", error.errno, flush=True)
signal.pause()
"""

EIO = 5


def test_keys_and_sizes_are_routed(lead: Sit, tmp_path: Path) -> None:
    rules, got = tmp_path / "rules.toml", tmp_path / "got"
    rules.write_text(RULES)
    terminal = lead(["sigroute", "--rules", str(rules), "--", *recorder(got, "TERM=5")])
    terminal.until(lambda: is_ready([got]), "the child is ready")
    assert terminal.foreground() == processes.group(terminal.leader())
    expected = []
    for rows in (50, 51):
        terminal.type(CTRL_C)
        expected.append("USR1")
        terminal.until(lambda: names(got) == expected, "INT arrives as USR1")
        terminal.resize(rows)
        expected.append("USR2")
        terminal.until(lambda: names(got) == expected, "WINCH arrives as USR2")
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert names(got) == [*expected, "TERM"]


def test_several_children_leave_it_to_the_rules(lead: Sit, tmp_path: Path) -> None:
    rules, got = tmp_path / "rules.toml", [tmp_path / "one", tmp_path / "two"]
    children = [f"[child.{path.stem}]\ncommand = {json.dumps(recorder(path, 'TERM=5'))}\n" for path in got]
    rules.write_text('signals = { stop = ["TERM"] }\non = { "INT@tty" = "USR1" }\n' + "".join(children))
    terminal = lead(["sigroute", "--rules", str(rules)])
    terminal.until(lambda: is_ready(got), "both are ready")
    terminal.type(CTRL_C)
    terminal.until(lambda: all(names(path) for path in got), "both have it")
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert [names(path) for path in got] == [["USR1", "TERM"]] * 2
    assert terminal.shown.count("INT from tty") == 1


def test_the_child_can_not_read_it(lead: Sit, tmp_path: Path) -> None:
    """Not in the foreground, it gets TTIN for each try, or an error where it ignores that (termios(3))."""
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    terminal = lead(["sigroute", "--rules", str(rules), "--", sys.executable, "-I", "-c", READER])
    terminal.expect(f"errno {EIO}")
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 143


def test_a_child_that_tries_is_stopped_and_can_be_ended(lead: Sit, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    terminal = lead(["sigroute", "--rules", str(rules), "--", "cat"])
    child = terminal.process("cat")
    terminal.until(lambda: processes.state(child) == "T", "it is stopped")
    assert terminal.foreground() == processes.group(terminal.leader())
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 143


def test_an_entrypoint_that_asks_is_lent_it(lead: Sit, tmp_path: Path) -> None:
    """Until it ends: nobody is told when it becomes the server, and looking for that would be a clock that ticks."""
    rules, got, server = tmp_path / "rules.toml", tmp_path / "got", tmp_path / "server"
    rules.write_text(RULES.replace("terminal", 'program = "server"\nterminal'))
    server.write_text(SERVER)
    server.chmod(0o755)
    entrypoint = f"read -r answer; echo $answer-$((40 + 2)); exec {server} {got} TERM=5"
    terminal = lead(["sigroute", "--rules", str(rules), "--", "sh", "-c", entrypoint])
    terminal.in_foreground(f"sh -c {entrypoint}")
    terminal.type("yes\n")
    terminal.expect("yes-42")
    terminal.until(lambda: is_ready([got]), "the server is ready")
    terminal.type(CTRL_C)
    terminal.until(lambda: names(got), "INT arrives")
    os.kill(terminal.leader(), signal.SIGTERM)
    assert terminal.wait() == 5
    assert names(got) == ["INT", "TERM"]


def test_of_several_one_that_is_deaf_to_ctrl_z_leaves_none_stopped(lead: Sit, tmp_path: Path) -> None:
    rules, got = tmp_path / "rules.toml", tmp_path / "got"
    deaf = ["sh", "-c", "trap '' TSTP; sleep 1234; :"]
    rules.write_text(
        f"[child.deaf]\ncommand = {json.dumps(deaf)}\n"
        f"[child.one]\ncommand = {json.dumps(['sed', '-u', 's/a/b/', str(tmp_path / 'fifo')])}\n"
        f"[child.two]\ncommand = {json.dumps(recorder(got, 'TERM=5'))}\n"
    )
    os.mkfifo(tmp_path / "fifo")
    terminal = lead(["sigroute", "--rules", str(rules)])
    one = terminal.process(f"sed -u s/a/b/ {tmp_path / 'fifo'}")
    terminal.process("sleep 1234")
    terminal.until(lambda: is_ready([got]), "all are ready")
    terminal.type(CTRL_Z)
    terminal.expect("was suspended by TSTP")
    terminal.until(lambda: "TSTP" in names(got), "TSTP arrives")
    terminal.until(lambda: processes.state(one) == "S", "it goes on")
    os.kill(terminal.leader(), signal.SIGTERM)
    terminal.wait()
