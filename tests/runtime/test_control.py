"""The control socket of a static init: it is open before the first child is started, and costs nothing."""

from __future__ import annotations

import ast
import contextlib
import errno
import marshal
import os
import shutil
import signal
import socket
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.executable import executable
from sigroute.language import load, outline
from sigroute.payload import PAYLOAD, parts_of
from sigroute.pid1.plan import Launch
from sigroute.static.table import control_of, table_of
from tests.compiled import compiled
from tests.real.container import children, comm
from tests.real.require import need
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Make = Callable[..., Path]
    Speaking = Callable[..., Path]

#: An engine that tells what it finds, to whoever connects: what the watch has opened, and what has happened.
ENGINE = """
import posix, sys
core = sys.modules["sigroute.pid1.watch.core"]
listener, reader, writer, error = core.control()
_, pid, _, _, _, first, _ = core.before()
if not first:
    posix.write(2, repr((listener, reader, writer, error, pid)).encode())
    posix._exit(0)
posix.write(writer, b"request")
second = core.wait(-1)
fd, by, _ = core.socket_accepted(listener)
told = [listener, reader, writer, first[0], first[6], second[0], second[6], posix.read(reader, 100), by]
posix.write(fd, repr(told).encode())
posix._exit(0)
"""

#: The kinds of events (runtime/src/watch.h).
NOTICE = 6

CHILD = ("sleep", "600")


def rules(path: Path, more: str = "") -> str:
    return f'{more}\n[control]\npath = "{path}"\n'


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture(name="make")
def _make(tmp_path: Path, runtimes: Path) -> Make:  # noqa: ARG001 - it is needed
    """Makes a static init of rules."""

    def make(text: str, name: str = "init") -> Path:
        return compiled(tmp_path, text, name=name, form="static")

    return make


@pytest.fixture(name="speaking")
def _speaking(make: Make, runtime: Path) -> Speaking:
    """Makes a static init with that engine."""

    def speaking(place: Path, more: str = "") -> Path:
        init = make(rules(place, more))
        launch = Launch(plan=outline(load(str(init.with_name("rules.toml")))), log_level="error")
        code = marshal.dumps(compile(ENGINE, "engine", "exec"))
        parts = {"table": table_of(launch), "engine": code, "posix": b"\0_exit\0\0read\0\0write\0"}
        init.write_bytes(executable(runtime.read_bytes(), {**parts, **control_of(launch.plan)}))
        return init

    return speaking


@contextlib.contextmanager
def running(*command: str | Path, umask: int = -1) -> Iterator[int]:
    """Yield the pid of an init once its child runs; at the end it ends with that."""
    with subprocess.Popen([*command], stderr=subprocess.PIPE, umask=umask) as process:
        try:
            until(lambda: runs(process.pid), "the child runs")
            yield process.pid
        finally:
            for each in children(process.pid):
                os.kill(each, signal.SIGKILL)
            process.wait(60)
    assert process.returncode == 128 + signal.SIGKILL


def runs(pid: int) -> list[int]:
    """Return the children of an init that run their program."""
    return [each for each in children(pid) if comm(each) == CHILD[0]]


def connect(place: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.connect(str(place))
    return made


def left_over(place: Path) -> int:
    """Leave a socket there at which nobody listens; return its inode."""
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(place))
    return place.lstat().st_ino


def test_it_is_for_its_owner_alone_whatever_the_umask_is(make: Make, place: Path) -> None:
    with running(make(rules(place)), "--", *CHILD, umask=0):
        assert place.lstat().st_mode == stat.S_IFSOCK | 0o600


def test_what_an_ended_init_has_left_is_replaced(make: Make, place: Path) -> None:
    init = make(rules(place))
    left_over(place)
    for _ in range(2):
        with running(init, "--", *CHILD), connect(place):
            pass


def a_file(place: Path) -> None:
    place.write_text("kept")


def a_link(place: Path) -> None:
    left_over(place.with_name("target"))
    place.symlink_to(place.with_name("target"))


def a_listener(place: Path) -> socket.socket:
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(place))
    made.listen()
    return made


def no_folder(place: Path) -> None:
    place.parent.rmdir()


def a_folder_to_read(place: Path) -> None:
    place.parent.chmod(0o555)


#: What is in the way, and the error of that.
OBSTACLES: dict[str, tuple[Callable[[Path], socket.socket | None], int]] = {
    "a file": (a_file, errno.EADDRINUSE),
    "a link": (a_link, errno.EADDRINUSE),
    "a live listener": (a_listener, errno.EADDRINUSE),
    "no folder": (no_folder, errno.ENOENT),
    "a folder to read": (a_folder_to_read, errno.EACCES),
}


@pytest.fixture(name="place_in_folder")
def _place_in_folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder" / "socket"


@pytest.fixture(name="before")
def _before() -> tuple[str, ...]:
    """Have root obey the modes of folders, too (capabilities(7), CAP_DAC_OVERRIDE)."""
    need(shutil.which("setpriv"), "setpriv")
    return ("setpriv", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()


def state_of(place: Path) -> tuple[int, bytes] | None:
    """Return what must not change."""
    try:
        status = place.lstat()
    except OSError:
        return None
    return status.st_ino, place.read_bytes() if place.is_file() else b""


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_where_it_cannot_be_the_container_runs_and_nothing_is_overwritten(
    make: Make, place_in_folder: Path, before: Sequence[str], obstacle: str
) -> None:
    init = make(rules(place_in_folder))
    with OBSTACLES[obstacle][0](place_in_folder) or contextlib.nullcontext() as other:
        kept = state_of(place_in_folder)
        with running(*before, init, "--", *CHILD):
            pass
        assert state_of(place_in_folder) == kept
        done = subprocess.run([*before, init, "--", "sh", "-c", "exit 7"], check=False, timeout=60)
        assert done.returncode == 7
        if other is not None:
            connect(place_in_folder).close()


@pytest.mark.parametrize("obstacle", OBSTACLES)
def test_the_engine_is_told_why_and_starts_the_child(
    speaking: Speaking,
    place_in_folder: Path,
    before: Sequence[str],
    obstacle: str,
) -> None:
    init = speaking(place_in_folder)
    with OBSTACLES[obstacle][0](place_in_folder) or contextlib.nullcontext():
        done = subprocess.run([*before, init, "--", *CHILD], check=False, timeout=60, capture_output=True, text=True)
    assert ast.literal_eval(done.stderr) == (-1, -1, -1, OBSTACLES[obstacle][1], 0)


def test_a_connection_and_a_request_are_events_for_the_engine(speaking: Speaking, place: Path) -> None:
    with subprocess.Popen([speaking(place), "--", *CHILD]) as process:
        until(lambda: runs(process.pid), "the child runs")
        (child,) = runs(process.pid)
        with connect(place) as client:
            client.settimeout(60)
            listener, reader, writer, *events, request, by = ast.literal_eval(client.recv(1000).decode())
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
    show = ["sh", "-c", "exec 2>&1 <&-; ls /proc/self/fd"]
    with_it, without = [
        subprocess.run([init, "--", *show], check=True, timeout=60, stdout=subprocess.PIPE).stdout.split()
        for init in (make(rules(place)), make("", "other"))
    ]
    assert with_it == without
    assert place.is_socket()


def test_it_takes_no_standard_descriptor(make: Make, place: Path) -> None:
    closed = ["sh", "-c", 'exec "$0" "$@" <&- >&-', str(make(rules(place))), "--", *CHILD]
    with running(*closed) as pid, connect(place):
        assert not {0, 1} & {*descriptors(pid)}
        (child,) = runs(pid)
        assert descriptors(child) == [2]


def descriptors(pid: int) -> list[int]:
    return [int(each.name) for each in Path(f"/proc/{pid}/fd").iterdir()]


def test_it_weighs_no_more_than_a_page_or_two(make: Make, place: Path) -> None:
    with_it, without = make(rules(place)), make("", "other")
    os.sync()  # the pages of a new file are dirty until then
    assert private(with_it) <= private(without) + 8
    assert place.is_socket()


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
