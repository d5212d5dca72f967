"""The images at a person's terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.real.programs import RECORDER
from tests.real.terminal.screen import CTRL_BACKSLASH, CTRL_C, CTRL_P, CTRL_Q, CTRL_Z
from tests.real.terminal.shells import PROMPT, SHELLS, prompts, status

from . import images
from .client import docker
from .database import TRUST
from .terminal import Terminal
from .waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.real.terminal import screen

LITTLE = ("--read-only", "--memory=16m", "--user=12345", "--cap-drop=ALL")

SED = "sed -u s/ping/pong/"


@pytest.fixture
def sit() -> Iterator[Callable[..., Terminal]]:
    terminals = []

    def sit_down(image: str, *words: str, options: tuple[str, ...] = ()) -> Terminal:
        terminals.append(Terminal(image, *words, options=options))
        return terminals[-1]

    yield sit_down
    for terminal in terminals:
        terminal.close()


@pytest.fixture(params=["for nginx", "for postgres", "none"])
def rules(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def start(
    request: pytest.FixtureRequest, sit: Callable[..., Terminal], shared: Path, rules: str
) -> Callable[..., Terminal]:
    """``docker run -it`` a command that is not the image's server: under the rules for that, and under none."""
    kind = "postgres" if rules == "for postgres" else "nginx"
    tag = request.getfixturevalue(kind)
    # docker(1) hands on each signal that it gets itself, WINCH as well, on top of the size (28.2, docker-run(1)).
    options = ["--env=TERM=dumb", "--env=LC_ALL=C", "--sig-proxy=false"]
    if rules == "none":
        options += images.another_init(shared, "default")

    def run(*command: str) -> Terminal:
        used = images.with_python(kind) if command[0] == "python3" else tag
        return sit(used, *(["--"] if rules == "none" else []), *command, options=tuple(options))

    return run


def test_ctrl_c_ends_nginx(nginx: str, sit: Callable[..., Terminal]) -> None:
    terminal = sit(nginx)
    terminal.expect("start worker processes")
    terminal.type(CTRL_C)
    terminal.expect(r"signal 15 \(SIGTERM\) received from 1")
    assert terminal.wait() == 0


def test_ctrl_c_stops_postgres(postgres: str, sit: Callable[..., Terminal]) -> None:
    terminal = sit(postgres, options=(TRUST,))
    terminal.expect("the database is made")
    terminal.expect("ready to accept connections")
    terminal.type(CTRL_C)
    terminal.expect("database system is shut down")
    assert terminal.wait() == 0


def has_job_control(terminal: screen.Terminal, container: Terminal) -> None:
    """Have a shell stop a job, and continue it here and there, and end it."""
    terminal.type("sleep 1234\n")
    container.has("sleep 1234")
    terminal.type(CTRL_Z)
    terminal.expect("Stopped")
    prompts(terminal)
    terminal.type("bg\n")
    prompts(terminal)
    terminal.type("fg\n")
    container.has("sleep 1234")
    terminal.type(CTRL_C)
    prompts(terminal)
    assert status(terminal) == 130
    terminal.type("sleep 1234\n")
    container.has("sleep 1234")
    terminal.type(CTRL_BACKSLASH)
    prompts(terminal)
    assert status(terminal) == 131


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_has_job_control(start: Callable[..., Terminal], name: str) -> None:
    terminal = start("env", f"PS1={PROMPT}", *SHELLS[name])
    prompts(terminal)
    has_job_control(terminal, terminal)
    terminal.type("exit 5\n")
    assert terminal.wait() == 5
    for complaint in ("job control", "cannot set terminal process group"):
        assert complaint not in terminal.shown


def test_a_shell_in_little_has_job_control(sit: Callable[..., Terminal], shared: Path) -> None:
    """In an image of busybox alone: read-only, with 16 MB, as a user without capabilities."""
    options = [*LITTLE, "--env=TERM=dumb", f"--env=PS1={PROMPT}", "--sig-proxy=false"]
    options += images.another_init(shared, "default")
    terminal = sit(images.busybox(), "--", "sh", "-i", options=tuple(options))
    prompts(terminal)
    has_job_control(terminal, terminal)
    terminal.type("exit 5\n")
    assert terminal.wait() == 5
    assert "job control" not in terminal.shown


def test_one_can_leave_and_come_back(start: Callable[..., Terminal]) -> None:
    """ctrl-p ctrl-q detaches, and the container goes on (docker-attach(1))."""
    terminal = start("env", f"PS1={PROMPT}", *SHELLS["bash"])
    prompts(terminal)
    terminal.type("here=still-here\n")
    prompts(terminal)
    terminal.type(CTRL_P + CTRL_Q)
    assert terminal.wait() == 0
    again = terminal.attach()
    try:
        again.type("echo $here-$((40 + 2))\n")
        again.expect("still-here-42")
        prompts(again)
        has_job_control(again, terminal)
        again.type("exit 5\n")
        assert again.wait() == 5
    finally:
        again.close()
    assert docker("wait", terminal.name).stdout.strip() == "5"


@pytest.mark.parametrize(("key", "code"), [(CTRL_C, 130), (CTRL_BACKSLASH, 131)])
def test_ctrl_z_does_not_wedge_a_plain_program(start: Callable[..., Terminal], key: str, code: int) -> None:
    terminal = start(*SED.split())
    terminal.has(SED)
    for _ in range(2):
        terminal.type(CTRL_Z)
        terminal.type("ping\n")
        terminal.expect("pong")
    terminal.type(key)
    assert terminal.wait() == code


def test_each_size_and_each_key_arrives_once(start: Callable[..., Terminal], rules: str) -> None:
    terminal = start("python3", "-I", "-c", RECORDER, "/tmp/got", "TERM=5")

    def got() -> list[str]:
        told = docker("exec", terminal.name, "cat", "/tmp/got", check=False).stdout
        return [line.split()[0] for line in told.splitlines()]

    def rows() -> str:
        return docker("exec", terminal.name, "stty", "-F", "/dev/console", "size", check=False).stdout.partition(" ")[0]

    eventually(lambda: "ready" in got(), "the child is ready")
    eventually(lambda: rows() == "40", "the first size has arrived")  # docker(1) sends it once the container runs
    # The child may still be about to take its WINCH, if it was there for it: what is sent after that comes after it.
    docker("kill", "--signal=RTMAX", terminal.name)
    eventually(lambda: "64" in got(), "what came before has arrived, too")
    expected = got()
    for name in ("WINCH", "INT", "WINCH") if rules == "none" else ("WINCH", "WINCH"):  # INT is a stop to the others
        if name == "INT":
            terminal.type(CTRL_C)
        else:
            terminal.resize(50 + len(expected))
        expected = [*expected, name]
        eventually(lambda: len(got()) >= len(expected), f"{name} arrives")  # noqa: B023 - called before the next
    assert got() == expected
