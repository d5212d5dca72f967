"""Children that say themselves how they are, by a descriptor or by sd_notify(3); what others say in their name."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import tempfile
import textwrap
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.real.programs import share_of_time
from tests.real.require import need
from tests.real.supervised import Supervised
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("form")

#: What programs have in place of libsystemd: ``send(message)``, and with a barrier it waits until that was taken.
SENDER = """
import array, os, socket, sys, time
name = os.environ.get("NOTIFY_SOCKET", "")
def send(message, name=name, barrier=False):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as each:
        each.connect("\\0" + name[1:] if name.startswith("@") else name)
        each.sendall(message)
        if barrier:
            reader, writer = os.pipe()
            each.sendmsg([b"BARRIER=1"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [writer]))])
            os.close(writer)
            assert os.read(reader, 1) == b""
"""


@pytest.fixture
def program() -> Iterator[Callable[[str], str]]:
    """Return a function that makes a Python program, and gives its command as the rules have it.

    Every user can run it, unlike what is below pytest's folders.
    """
    python = shutil.which("python3", path="/usr/bin")
    need(python, "/usr/bin/python3: other users run it")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)

        def make(text: str) -> str:
            path = Path(folder) / f"{len(list(Path(folder).iterdir()))}.py"
            path.write_text(SENDER + f"folder = {folder!r}\n" + textwrap.dedent(text))
            return f'["{python}", "-IS", "{path}"]'

        yield make


FD = """
[child.web]
command = ["sh", "-c", "echo $$; printf starting >&7; sleep 0.2; printf ' up\\nmore' >&7; exec sleep 600"]
output  = "{folder}/output"
restart = "always"
ready   = {{ fd = 7, within = "1m" }}

[child.other]
command = ["sh", "-c", "ls -l /proc/self/fd > {folder}/open; exec sleep 600"]
needs   = "web"
"""


def test_a_newline_on_its_descriptor_and_none_of_an_earlier_life(tmp_path: Path) -> None:
    with Supervised(tmp_path, FD.format(folder=tmp_path)) as run:
        run.said("started", child="other")
        told = [(each["event"], each.get("child")) for each in run.log()]
        assert told.index(("is-ready", "web")) < told.index(("started", "other"))
        os.kill(run.said("started", child="web")["pid"], signal.SIGKILL)
        until(lambda: run.events("web").count("is-ready") == 2, "its second life is ready")
        until(lambda: (tmp_path / "open").exists() and (tmp_path / "open").read_text().endswith("\n"), "it is listed")
        assert " 7 -> " not in (tmp_path / "open").read_text()
        run.send(signal.SIGTERM)
        assert run.wait() == 143
    assert len((tmp_path / "output").read_text().split()) == 2


CLOSED = """
[child.web]
command = ["sh", "-c", "printf almost >&3; exec 3>&-; exec sleep 600"]
ready   = { fd = 3, within = "700ms" }
"""


def test_a_descriptor_that_is_closed_without_a_newline_is_told_and_within_ends_the_wait(tmp_path: Path) -> None:
    with Supervised(tmp_path, CLOSED) as run:
        assert run.wait() == 143
        assert run.said("closed", child="web")["number"] == 3
        assert run.events("web").index("closed") < run.events("web").index("not-ready")


ANY = """
[child.c{number}]
command = ["bash", "-c", "ls /proc/$$/fd > {folder}/open{number}; echo >&{number}; exec sleep 600"]
output  = "tag"
ready   = {{ fd = {number}, within = "1m" }}
"""


def test_any_descriptor_may_be_asked_for_whatever_sigroute_has_there(tmp_path: Path) -> None:
    """Not one is a pipe of sigroute's own that would be lost; and the program has nothing else open."""
    numbers = range(3, 20)
    rules = "".join(ANY.format(number=number, folder=tmp_path) for number in numbers)
    names = [f"c{number}" for number in numbers]
    wrong = (
        f'[child.wrong]\ncommand = ["/nonexistent"]\nneeds = {names}\nready = {{ fd = 9 }}\n[exit]\nwhen = "wrong"\n'
    )
    with Supervised(tmp_path, rules + wrong) as run:
        assert run.wait() == 127
        assert "nonexistent" in run.said("not-started", child="wrong")["reason"]
    for number in numbers:
        found = {int(each) for each in (tmp_path / f"open{number}").read_text().split()}
        assert found - {255} == {0, 1, 2, number}  # bash has its script there


def test_a_descriptor_above_the_limit_is_an_error_of_that_start(tmp_path: Path) -> None:
    """A limit in the file is an error of `check`; this one is inherited."""
    rules = '[child.web]\ncommand = ["true"]\nready = { fd = 200 }\n'
    limits = partial(resource.setrlimit, resource.RLIMIT_NOFILE, (200, 200))
    with Supervised(tmp_path, rules, before=limits) as run:
        assert run.wait() == 126
        reason = run.said("not-started", child="web")["reason"]
    assert reason == "ready.fd 200: Bad file descriptor (limits.nofile must be above it)"


SAYS = """
[child.web]
command = {program}
user    = "{user}"
ready   = {{ notify = true, within = "{within}" }}

[child.other]
command = ["true"]
needs   = "web"

[exit]
when = "other"
"""


@pytest.mark.parametrize("user", ["", "65534:65534"])
def test_a_child_of_any_user_says_that_it_is_ready(tmp_path: Path, program: Callable[[str], str], user: str) -> None:
    need(os.geteuid() == 0, "root: the child has another user")
    text = """
        time.sleep(0.2)
        send(b"STATUS=wait\\n", barrier=True)
        send(b"STATUS=up\\nREADY=1\\n", barrier=True)
        send(b"STATUS=on", barrier=True)
        time.sleep(600)
    """
    rules = SAYS.format(program=program(text), user=user, within="1m").replace('user    = ""', "")
    with Supervised(tmp_path, rules) as run:
        assert run.wait() == 0
        assert "is-ready" in run.events("web")
        assert "stranger" not in run.events("web")


def test_systemd_notify_says_it_below_a_shell(tmp_path: Path) -> None:
    need(shutil.which("systemd-notify"), "systemd-notify")
    rules = SAYS.format(program='["sh", "-c", "systemd-notify --ready; exec sleep 600"]', user="65534", within="1m")
    with Supervised(tmp_path, rules.replace('"65534"', '"65534:65534"')) as run:
        assert run.wait() == 0
        assert "stranger" not in run.events("web")


STRANGER = """
[child.web]
command = {program}
ready   = {{ notify = true }}

[child.thief]
command = {thief}
user    = "65534:65534"

[child.last]
command = ["true"]
needs   = "web"

[exit]
when = "last"
"""


def test_a_message_of_a_stranger_is_dropped_and_that_is_told_once(
    tmp_path: Path, program: Callable[[str], str]
) -> None:
    need(os.geteuid() == 0, "root: the child has another user")
    web = program("""
        with open(folder + "/new", "w") as file:
            file.write(name)
        os.rename(folder + "/new", folder + "/name")
        while not os.path.exists(folder + "/go"):
            time.sleep(0.01)
        send(b"READY=1", barrier=True)
        time.sleep(600)
    """)
    thief = program("""
        while not os.path.exists(folder + "/name"):
            time.sleep(0.01)
        for _ in range(3):
            send(b"READY=1", open(folder + "/name").read(), barrier=True)
        open(folder + "/sent", "w").close()
        time.sleep(600)
    """)
    with Supervised(tmp_path, STRANGER.format(program=web, thief=thief)) as run:
        assert run.said("stranger", child="web")["number"] == run.said("started", child="thief")["pid"]
        folder = Path(json.loads(web)[-1]).parent
        until((folder / "sent").exists, "the stranger has sent all")
        assert "is-ready" not in run.events("web")
        (folder / "go").touch()
        assert run.wait() == 0
        assert run.events("web").count("stranger") == 1


def test_more_time_to_start_and_to_stop(tmp_path: Path, program: Callable[[str], str]) -> None:
    text = """
        import signal
        def stop(*_):
            send(b"STOPPING=1\\nEXTEND_TIMEOUT_USEC=60000000", barrier=True)
            time.sleep(1)
            os._exit(7)
        signal.signal(signal.SIGTERM, stop)
        send(b"EXTEND_TIMEOUT_USEC=60000000", barrier=True)
        time.sleep(0.8)
        send(b"READY=1")
        time.sleep(600)
    """
    rules = SAYS.format(program=program(text), user="", within="400ms").replace(
        'user    = ""', 'on.stop = "TERM 300ms KILL"'
    )
    with Supervised(tmp_path, rules.replace('when = "other"', 'when = "web"')) as run:
        run.said("is-ready", child="web")
        assert "not-ready" not in run.events("web")
        run.send(signal.SIGTERM)
        assert run.wait() == 7


OTHERS = """
[child.web]
command = ["sh", "-c", "echo $NOTIFY_SOCKET > {folder}/web; exec sleep 600"]
ready   = {{ notify = true }}

[child.other]
command = ["sh", "-c", "echo $NOTIFY_SOCKET > {folder}/other; exec sleep 600"]
"""


def test_others_inherit_the_socket_that_sigroute_has(tmp_path: Path) -> None:
    environ = {**os.environ, "NOTIFY_SOCKET": "/run/systemd/notify"}
    with Supervised(tmp_path, OTHERS.format(folder=tmp_path), env=environ) as run:
        paths = [tmp_path / name for name in ("web", "other")]
        until(lambda: all(each.exists() and each.read_text() for each in paths), "both have written")
        assert (tmp_path / "other").read_text() == "/run/systemd/notify\n"
        assert (tmp_path / "web").read_text().startswith("@")
        run.send(signal.SIGTERM)
        assert run.wait() == 143


FLOODS = {
    "notify": 'while True:\n    send(b"EXTEND_TIMEOUT_USEC=1")\n',
    "fd": 'while True:\n    os.write(3, b"x")\n',
}


@pytest.mark.parametrize("way", FLOODS)
def test_a_child_that_says_too_much_waits_and_keeps_nobody_busy(
    tmp_path: Path, program: Callable[[str], str], way: str
) -> None:
    ready = "notify = true" if way == "notify" else "fd = 3"
    rules = f'[child.web]\ncommand = {program(FLOODS[way])}\nready = {{ {ready} }}\non.HUP = "drop"\n'
    with Supervised(tmp_path, rules) as run:
        run.said("flood", child="web")
        # On a machine that is busy with other things a part of one window may be too much; all of them are not.
        assert any(share_of_time(run.process.pid) < 0.5 for _ in range(5))
        run.send(signal.SIGHUP)
        run.said("dropped", child="web")
        assert run.events("web").count("flood") == 1
        run.send(signal.SIGTERM)
        assert run.wait() == 143
