"""The control socket of a static init: it is open before the first child is started, and costs nothing."""

from __future__ import annotations

import ast
import os
import signal
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.payload import PAYLOAD, parts_of
from tests.real.traffic import PATIENCE, until
from tests.runtime.control.inits import CHILD, connect, left_over, rules, running, runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.runtime.control.inits import Make, Speaking

#: The kinds of events (runtime/src/watch.h).
NOTICE = 6


def test_it_is_for_its_owner_alone_whatever_the_umask_is(make: Make, place: Path) -> None:
    with running(make(rules(place)), "--", *CHILD, umask=0):
        assert place.lstat().st_mode == stat.S_IFSOCK | 0o600


def test_what_an_ended_init_has_left_is_replaced(make: Make, place: Path) -> None:
    init = make(rules(place))
    left_over(place)
    for _ in range(2):
        with running(init, "--", *CHILD), connect(place):
            pass


def test_a_connection_and_a_request_are_events_for_the_engine(speaking: Speaking, place: Path) -> None:
    with subprocess.Popen([speaking(place), "--", *CHILD]) as process:
        until(lambda: runs(process.pid), "the child runs")
        (child,) = runs(process.pid)
        try:
            with connect(place) as client:
                client.settimeout(PATIENCE)
                listener, reader, writer, *events, request, by = ast.literal_eval(client.recv(1000).decode())
        finally:
            os.kill(child, signal.SIGKILL)  # that engine does not end it
    assert min(listener, reader, writer) > 2
    assert events == [NOTICE, listener, NOTICE, reader]
    assert (request, by) == (b"request", os.getpid())


def test_it_is_there_before_the_engine_starts_the_children_of_several(speaking: Speaking, place: Path) -> None:
    init = speaking(place, '[child.web]\ncommand = ["sleep", "600"]\n[child.db]\ncommand = ["sleep", "600"]\n')
    done = subprocess.run([init], check=False, timeout=60, capture_output=True, text=True)
    *made, error, pid = ast.literal_eval(done.stderr)
    assert min(made) > 2
    assert (error, pid) == (0, 0)
    assert place.is_socket()


@pytest.mark.parametrize("words", [("--sigroute-version",), ("--sigroute-rules",), ("--sigroute", "status"), ("--no",)])
def test_an_option_opens_nothing(make: Make, place: Path, words: Sequence[str]) -> None:
    subprocess.run([make(rules(place)), *words], check=False, timeout=60, capture_output=True)
    assert not os.path.lexists(place)


def test_a_command_that_runs_without_the_rules_has_none(make: Make, place: Path) -> None:
    init = make(rules(place, '[child.web]\ncommand = ["sleep", "600"]\n'))
    subprocess.run([init, "--", "true"], check=True, timeout=60, capture_output=True)
    assert not os.path.lexists(place)
    with running(init), connect(place):
        pass


def test_the_child_has_no_descriptor_of_it(make: Make, place: Path) -> None:
    show = ["sh", "-c", f"exec 2>&1 <&-; ls /proc/self/fd; test -S {place} && echo open || echo none"]
    with_it, without = [
        subprocess.run([init, "--", *show], check=True, timeout=60, stdout=subprocess.PIPE).stdout.split()
        for init in (make(rules(place)), make("", "other"))
    ]
    assert with_it.pop() == b"open"
    assert without.pop() == b"none"
    assert with_it == without
    assert not os.path.lexists(place), "it goes with the end"


def test_it_takes_no_standard_descriptor(make: Make, place: Path) -> None:
    closed = ["sh", "-c", 'exec "$0" "$@" <&- >&-', str(make(rules(place))), "--", *CHILD]
    with running(*closed) as pid, connect(place):
        # A new pipe may have one for a moment, until it is moved off it.
        until(lambda: not {0, 1} & {*descriptors(pid)}, "it takes no standard descriptor for good")
        (child,) = runs(pid)
        assert descriptors(child) == [2]


def descriptors(pid: int) -> list[int]:
    return [int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()]


def test_it_weighs_no_more_than_a_page_or_two(make: Make, place: Path) -> None:
    with_it, without = make(rules(place)), make("", "other")
    os.sync()  # the pages of a new file are dirty until then
    least, bare = [min(private(init) for _ in range(5)) for init in (with_it, without)]  # a page more or less by chance
    assert least <= bare + 8


def private(init: Path) -> int:
    """Return the kB that are an init's alone while it waits (proc_pid_smaps_rollup(5))."""
    with running(init, "--", *CHILD) as pid:
        until(lambda: waits(pid), "it waits")
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.partition("Private_Dirty:")[2].split()[0])


def waits(pid: int) -> bool:
    """Tell whether a process is in sigtimedwait(2): what it waits for is then not blocked (proc_pid_status(5))."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigBlk:"))
    return not int(line.split()[1], 16) & 1 << signal.SIGTERM - 1


def test_an_init_without_it_has_nothing_of_it(make: Make, place: Path) -> None:
    with_it, without = [payload_of(make(text, name)) for text, name in ((rules(place), "init"), ("", "other"))]
    assert with_it.pop("control") == os.fsencode(place)
    assert [*with_it] == [*without]
    assert with_it["modules"] == without["modules"]


def payload_of(init: Path) -> dict[str, bytes]:
    data = init.read_bytes()
    found = parts_of(data[data.rindex(PAYLOAD) :])
    assert found is not None
    return found


def test_the_static_sigroute_has_it_too(whole: Path, tmp_path: Path, place: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(rules(place))
    with running(whole, "--rules", file, "--", *CHILD), connect(place):
        assert place.lstat().st_mode == stat.S_IFSOCK | 0o600
