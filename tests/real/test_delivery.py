"""What has gone wrong in the field between a signal's arrival and its child, on real processes."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE
from tests.real.programs import OF_LIBC, is_ready, names, recorder
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.terminal.processes import state
from tests.real.traffic import until

pytestmark = [pytest.mark.usefixtures("form"), pytest.mark.forms(*FORMS)]

RTMIN_3 = 37
ONE = "[child.one]\ncommand = {one}\n"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM])
def test_a_child_without_a_handler_is_not_killed_by_what_was_not_meant_to(tmp_path: Path, number: int) -> None:
    with Supervised(tmp_path, "", "sleep", "60") as run:
        run.said("started")
        run.send(number)
        run.said("protected", signal=signal.Signals(number).name[3:])
        run.send(signal.SIGTERM)
        assert run.wait() == 143


def test_the_status_of_a_child_that_ends_at_once_is_never_lost() -> None:
    for number in range(60):
        done = subprocess.run([*SIGROUTE, "--quiet", "--", "sh", "-c", f"exit {number}"], check=False, timeout=60)
        assert done.returncode == number


@pytest.mark.parametrize(("number", "told"), [(signal.SIGSEGV, 1), (signal.SIGKILL, 1), (signal.SIGTERM, 0)])
def test_a_crash_is_a_warning_and_an_end_that_somebody_asked_for_is_none(number: int, told: int) -> None:
    """And if the only child exits, no line tells that others are stopped."""
    for level, lines in (("warning", told), ("debug", 3)):  # it started, it ended, and so does sigroute
        command = [*SIGROUTE, "--log-level", level, "--", "sh", "-c", f"kill -{int(number)} $$"]
        done = subprocess.run(command, check=False, timeout=60, capture_output=True, text=True)
        assert done.returncode == 128 + number
        said = [line for line in done.stderr.splitlines() if "not PID 1" not in line]
        assert len(said) == lines, done.stderr
        assert ("warning: sh (pid " in done.stderr) == bool(told)


def test_term_three_times_at_once_is_one_stop(tmp_path: Path) -> None:
    with Supervised(tmp_path, f'{ONE}[on]\nstop = "TERM 60s KILL"\n', ends={"one": "USR1=0"}) as run:
        run.ready().send(signal.SIGTERM, signal.SIGTERM, signal.SIGTERM)
        run.send(signal.SIGINT)
        until(lambda: {"ignored", "duplicate"} & set(run.events("one")), "what came second is no second stop")
        run.send(signal.SIGUSR1)
        assert run.wait() == 0
        assert names(run.path("one")) == ["TERM", "USR1"]


def test_a_term_to_every_process_at_once_is_a_stop_that_was_asked_for(tmp_path: Path) -> None:
    """As some platforms do: the child has its TERM past us, and dies of it before it gets ours."""
    for _ in range(10):
        with Supervised(tmp_path, "[exit]\nmap = { 143 = 0 }\n", "sleep", "60") as run:
            child = run.said("started")["pid"]
            run.send(signal.SIGTERM)
            with suppress(ProcessLookupError):  # it has had ours already
                os.kill(child, signal.SIGTERM)
            assert run.wait() == 0
            assert run.said("stop")["signal"] == "TERM"
            assert "not-sent" not in run.events()


@pytest.mark.parametrize("number", [signal.SIGTERM, RTMIN_3])
def test_a_stop_counts_as_asked_for_where_the_child_has_ended_of_it_meanwhile(tmp_path: Path, number: int) -> None:
    """While sigroute gets no CPU, its TERM and the CHLD for the child's are there at once, in no order."""
    with Supervised(tmp_path, "[exit]\nmap = { 143 = 0 }\n", "sleep", "60") as run:
        child = run.said("started")["pid"]
        run.send(signal.SIGSTOP)
        until(lambda: state(run.process.pid) == "T", "it has no CPU")
        run.send(number)
        os.kill(child, signal.SIGTERM)
        until(lambda: state(child) == "Z", "the child has ended")
        run.send(signal.SIGCONT)
        assert run.wait() == 0
        run.said("stop")
        assert "not-sent" not in run.events()


def test_what_is_due_while_sigroute_is_stopped_is_done_when_it_goes_on_and_nothing_else(tmp_path: Path) -> None:
    """As in a container that is paused: the clock goes on."""
    with Supervised(tmp_path, f'{ONE}[on]\nstop = "1s TERM 60s KILL"\n') as run:
        run.ready().send(signal.SIGTERM)
        run.said("waits")
        due = time.monotonic() + 1
        run.send(signal.SIGSTOP)
        until(lambda: time.monotonic() > due and state(run.process.pid) == "T", "it is stopped, and too late")
        run.send(signal.SIGCONT)
        assert run.wait() == 0
        assert names(run.path("one")) == ["TERM"]
        assert run.events().count("stop") == 1
        assert "fallback" not in run.events()


#: Goes from the process group that it leads to another, and waits.
LEAVES = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: os._exit(7))
os.setpgid(0, os.getpgid(os.getppid()))
print("left", flush=True)
while True:
    signal.pause()
"""


def test_a_child_that_has_left_its_process_group_is_signalled_all_the_same(tmp_path: Path) -> None:
    rules = '[on]\nstop = { send = "TERM", scope = "process-group" }\n'
    with Supervised(tmp_path, rules, sys.executable, "-ISc", LEAVES, stdout=subprocess.PIPE, text=True) as run:
        assert run.process.stdout is not None
        with run.process.stdout as said:
            assert said.readline() == "left\n"
        run.send(signal.SIGTERM)
        assert run.wait() == 7


def test_a_double_int_forces_and_a_double_term_does_not(tmp_path: Path) -> None:
    rules = f'{ONE}[on]\nstop = {{ send = "TERM 60s KILL", again = {{ INT = "KILL" }} }}\n'
    with Supervised(tmp_path, rules, ends={"one": "USR1=0"}) as run:
        run.ready().send(signal.SIGTERM)
        until(lambda: names(run.path("one")) == ["TERM"], "TERM arrived")
        run.send(signal.SIGINT)
        assert run.wait() == 137


def test_37_stops_whatever_the_libc_calls_it(tmp_path: Path) -> None:
    with Supervised(tmp_path, f'{ONE}[on]\nstop = "QUIT"\n') as run:
        run.ready().send(RTMIN_3)
        assert run.wait() == 0
        assert run.said("signal")["signal"] == "RTMIN+3"
        assert names(run.path("one")) == ["QUIT"]


def test_a_stop_sends_nothing_but_what_the_rule_says(tmp_path: Path) -> None:
    with Supervised(tmp_path, ONE) as run:
        run.ready().send(signal.SIGTERM)
        assert run.wait() == 0
        assert names(run.path("one")) == ["TERM"]


def test_a_stopped_child_is_continued_in_a_stop(tmp_path: Path) -> None:
    with Supervised(tmp_path, ONE) as run:
        run.ready()
        os.kill(run.said("started")["pid"], signal.SIGSTOP)
        run.said("stopped")
        run.send(signal.SIGTERM)
        assert run.wait() == 0
        assert [line["signal"] for line in run.log() if line["event"] == "sent"] == ["TERM", "CONT"]


@pytest.mark.parametrize("_again", range(4))
def test_one_that_stops_at_the_moment_of_the_stop_is_continued_too(tmp_path: Path, _again: int) -> None:
    """STOP, then TERM, as fast as can be: whether sigroute has been told of the stop by then is a matter of luck."""
    with Supervised(tmp_path, ONE) as run:
        run.ready()
        child = run.said("started")["pid"]
        os.kill(child, signal.SIGSTOP)
        run.send(signal.SIGTERM)
        assert run.wait() == 0


def test_the_alarm_of_a_program_is_its_own(tmp_path: Path) -> None:
    rules = f'{ONE}[on]\nUSR1 = "100ms USR2 100ms USR2"\n'
    with Supervised(tmp_path, rules) as run:
        run.ready().send(signal.SIGUSR1)
        until(lambda: names(run.path("one")) == ["USR2", "USR2"], "the delays passed, and nothing else came")
        assert not any(line.get("signal") == "ALRM" for line in run.log())
        run.send(signal.SIGTERM)
        run.wait()


@pytest.mark.parametrize(
    ("scope", "near", "far"),
    [
        # In the drain, too, all that is left gets TERM; there it is the second where the scope had it.
        ("process", ["TERM"], ["TERM"]),
        ("process-group", ["TERM", "killed"], ["TERM"]),
        ("tree", ["TERM", "killed"], ["TERM", "killed"]),
    ],
)
def test_the_escalation_is_not_forgotten_when_the_leader_goes(
    tmp_path: Path, scope: str, near: list[str], far: list[str]
) -> None:
    paths = {name: tmp_path / f"{name}.got" for name in ("one", "near", "far")}
    words = {name: shlex.join(recorder(path, "TERM=0" if name == "one" else "USR1=0")) for name, path in paths.items()}
    script = "{near} & setsid {far} & exec {one}".format_map(words)
    rules = (
        f"[child.leader]\ncommand = {json.dumps(['sh', '-c', script])}\n"
        f'[on]\nstop = {{ send = "TERM 500ms KILL", scope = "{scope}" }}\n[drain]\nwait = "60s"\n'
    )
    with Supervised(tmp_path, rules) as run:
        until(lambda: is_ready(paths.values()), "the whole family is ready")
        pids = {name: int(path.read_text().split()[1]) for name, path in paths.items()}
        run.send(signal.SIGTERM)
        if scope != "tree":  # the drain begins with the KILL, which may not have taken effect by then: one more or less
            assert run.said("drain")["number"] in {"process": {2}, "process-group": {1, 2}}[scope]
        until(lambda: all("TERM" in names(paths[name]) for name in ("near", "far")), "TERM reached both, now or then")
        for name, expected in {"near": near, "far": far}.items():
            if "killed" in expected:
                until(partial(gone, pids[name]), f"KILL reached {name}")
            else:
                assert not gone(pids[name])
                os.kill(pids[name], signal.SIGUSR1)  # the drain ends with the last of them, not with its time
        assert run.wait() == 0


def gone(pid: int) -> bool:
    """Tell whether there is no such process any more."""
    return not Path(f"/proc/{pid}").exists()


def test_without_cap_kill_it_is_said_at_once_and_the_others_get_theirs(tmp_path: Path) -> None:
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to be without CAP_KILL")
    nobody = '["setpriv", "--reuid=65534", "--clear-groups", "sleep", "60"]'
    rules = f'[child.other]\ncommand = {nobody}\n{ONE}[exit]\nwhen = "one"\n[drain]\nwait = "200ms"\n'
    rules = f'grace = "1s"\n{rules}'
    with Supervised(tmp_path, rules, prefix=["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]) as run:
        other = run.ready().said("started", child="other")["pid"]
        try:
            until(lambda: Path(f"/proc/{other}").stat().st_uid == 65534, "the other is another user's")
            run.send(signal.SIGTERM)
            told = run.said("not-sent", child="other")
            assert (told["signal"], told["reason"], told["level"]) == ("TERM", "Operation not permitted", "error")
            assert run.wait() == 0
            assert names(run.path("one")) == ["TERM"]
        finally:
            os.kill(other, signal.SIGKILL)


def dirty() -> None:
    """Be a parent that leaves much behind: everything blocked, CHLD and PIPE ignored."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())


def test_children_start_clean_whatever_sigroute_inherited(tmp_path: Path) -> None:
    show = ["sh", "-c", "grep -E 'SigBlk|SigIgn' /proc/self/status; ls /proc/self/fd"]
    with Supervised(tmp_path, "", *show, before=dirty, stdout=subprocess.PIPE, text=True) as run:
        assert run.process.stdout is not None
        said = run.process.stdout.read().split()
        run.process.stdout.close()
        assert run.wait() == 0
    assert said[:4:2] == ["SigBlk:", "SigIgn:"]
    assert [int(mask, 16) & ~OF_LIBC for mask in said[1:4:2]] == [0, 0]
    assert said[4:] == ["0", "1", "2", "3"]  # 3 is that of ls


def test_sockets_for_the_child_pass_through_to_it(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    show = ["sh", "-c", 'echo "$LISTEN_FDS $(( LISTEN_PID == $$ ))"; echo through >&3']

    def inherit() -> None:
        os.dup2(writer, 3)

    # exec keeps the pid: the shell knows the one that sigroute will have.
    starts = ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"', "sh"]
    with Supervised(
        tmp_path, "", *show, prefix=starts, before=inherit, pass_fds=(3,), stdout=subprocess.PIPE, text=True
    ) as run:
        os.close(writer)
        assert run.process.stdout is not None
        assert run.process.stdout.read() == "1 1\n"
        run.process.stdout.close()
        assert run.wait() == 0
    with os.fdopen(reader) as file:
        assert file.read() == "through\n"
