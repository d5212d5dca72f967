"""How a compiled init starts: what it finds, what it loads, and what it can do without."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import OWN, QUITS, compiled, environment, run
from tests.real.container import Container, children, opened
from tests.real.require import need
from tests.real.test_start_window import BLOCKED_BEFORE, term_after
from tests.real.traffic import until


def test_not_pid_1_it_adopts_orphans(init: Path) -> None:
    # The trap first: QUIT is sent as soon as the orphan is one, and the shell may not have gone on by then.
    script = "trap 'exit 7' QUIT; (sleep 60 & echo $!); while :; do sleep 0.1; done"
    with subprocess.Popen(
        [init, "--", "sh", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        orphan = int(process.stdout.readline())
        try:
            until(lambda: orphan in children(process.pid), "the orphan is its child")
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 7
        assert "not PID 1: orphans are adopted as a subreaper" in process.stderr.read()
    assert not Path(f"/proc/{orphan}").exists()


def test_a_term_in_the_first_moments_is_not_lost(tmp_path: Path) -> None:
    """From the exec of env on, which blocks it."""
    known = subprocess.run([*BLOCKED_BEFORE, "true"], check=False, capture_output=True)
    need(shutil.which("env") and known.returncode == 0, "env --block-signal (coreutils 8.31)")
    init = compiled(tmp_path)
    results = {delay: term_after(tmp_path, [str(init)], delay) for delay in range(0, 40, 2)}
    assert not [delay for delay, (kept, lost) in results.items() if kept and lost]
    assert any(kept for kept, _ in results.values()), "each of the moments was before env had blocked it"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_without_standard_descriptors(tmp_path: Path, init: Path, closed: str) -> None:
    """What is opened then gets their numbers; the child is to have as few."""
    looks = f"for each in 0 1 2; do [ -e /proc/$$/fd/$each ] || touch {tmp_path}/$each; done"
    script = f'exec "$0" -- sh -c "$1" {closed}'
    done = subprocess.run(["sh", "-c", script, init, looks], check=False, env=environment(), timeout=60)
    assert done.returncode == 0
    missing = {"<&-": "0", ">&-": "1", "2>&-": "2"}
    assert {path.name for path in tmp_path.glob("?")} == {missing[each] for each in closed.split()}


@pytest.mark.parametrize("name", ["-dash", "a=b", "bl ank", "new\nline", "quo\"te'$x\\", "b\xfcro", "\udcff"])
def test_it_may_be_called_anything(tmp_path: Path, init: Path, name: str) -> None:
    """By its path, by a link to it, or found in PATH."""
    path = tmp_path / "bin" / name
    path.parent.mkdir()
    path.symlink_to(init)
    environ = environment(Path(f"{path.parent}:{OWN}"))
    for word in (str(path), f"bin/{name}", name):
        done = subprocess.run([word, "sh", "-c", "exit 3"], check=False, env=environ, cwd=tmp_path, timeout=60)
        assert done.returncode == 3


#: Runs an init in this process, and tells at its end what it has loaded.
TELLS = """
import posix, sys
leave = posix._exit
def tell(code):
    posix.write(1, " ".join(["modules"] + sorted(sys.modules)).encode() + b"\\n")
    leave(code)
posix._exit = tell
sys.argv = ["-c", {init!r}, "sh", "-c", {script!r}]
f = open(sys.argv[1], "rb")
exec(f.read(4096))
start()
"""


def test_pid_1_loads_nothing_that_a_bare_python_lacks(tmp_path: Path, script: Path) -> None:
    """Only what is part of the interpreter itself; as PID 1, since a subreaper takes ctypes."""
    bare = subprocess.run(
        [sys.executable, "-ISBc", "import sys; print(*sys.modules)"], check=True, capture_output=True, text=True
    ).stdout.split()
    command = [sys.executable, "-ISBc", TELLS.format(init=str(script), script=QUITS)]
    with Container(tmp_path, command, environment=environment()) as container:
        container.said("ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 7
        (line,) = re.findall("^modules (.*)$", container.log(), re.MULTILINE)
    more = {name for name in line.split() if not name.startswith("sigroute")} - set(bare)
    assert more <= {"gc", "__future__"}  # the latter from source
    assert ("__future__" in more) <= ("this is" in run(script, "--sigroute-version").stdout)


def test_without_proc(tmp_path: Path, init: Path) -> None:
    hide = 'mount -t tmpfs -o size=4k none /proc && exec "$@"'
    command = ["sh", "-c", hide, "sh", str(init), "--", "sh", "-c", QUITS + "; env"]
    with Container(tmp_path, command, environment=environment()) as container:
        container.said("ready")
        container.send(signal.SIGTERM)
        assert container.wait() == 7


def test_another_may_take_its_place_while_it_starts(tmp_path: Path, script: Path) -> None:
    """Once it is open: what follows is of the same file, and nothing holds that open later."""
    code = "import os, sys; f = open(sys.argv[1], 'rb'); os.unlink(sys.argv[1]); exec(f.read(4096)); start()"
    command = [sys.executable, "-ISBc", code, str(script), "sh", "-c", QUITS]
    with Container(tmp_path, command, environment=environment()) as container:
        container.said("ready")
        assert not [each for each in opened(container.pid) if "init" in each]
        container.send(signal.SIGTERM)
        assert container.wait() == 7
    assert not script.exists()


def test_its_first_line_opens_it_once(script: Path) -> None:
    need(shutil.which("strace"), "strace, to see system calls")
    command = ["strace", "-f", "-e", "trace=openat,open", str(script), "--sigroute-rules"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(), timeout=60)
    assert done.stderr.count(f'"{script}"') == 1


def test_a_static_one_opens_no_file_at_all(static_init: Path) -> None:
    need(shutil.which("strace"), "strace, to see system calls")
    command = ["strace", "-f", "-e", "trace=file", str(static_init), "--sigroute-rules"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(), timeout=60)
    opened = re.findall(r'\w+\((?:AT_FDCWD, )?"(.*?)"', done.stderr)
    assert set(opened[1:]) <= {"/proc/self/fd/2"}, "but its own standard error, anew; the first is its exec"
