"""A child's world from the rule file to the process, in every form of sigroute as PID 1."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.compiled import compiled
from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container, opened
from tests.real.require import need
from tests.real.traffic import until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Tells what it finds, then that it is ready; TERM ends it.
TELLS = """
trap 'exit 3' TERM
echo "$(id -u):$(id -g) $(pwd) $(umask) $(nice) $(ulimit -n) A=$A B=$B HOME=$HOME X=$X"
while :; do sleep 0.1; done
"""

FOUND = "65534:65534 /usr 0027 5 100 A=file B=rules HOME=/nonexistent X="

RULES = """
user     = "nobody"
cwd      = "/usr"
env-file = "{folder}/variables"
limits   = {{ nofile = 100 }}

[env]
"*"  = false
PATH = true
B    = "rules"

[child.web]
{command}
umask = "027"
nice  = 5

[child.web.on]
USR1 = {{ run = ["sh", "-c", 'echo "command $(id -u) $(pwd) $B $(readlink /proc/self/fd/0)"'], send = "CONT" }}
"""


def rules_in(folder: Path, command: str = "") -> str:
    """Return rules, with a file of variables in this folder; without a command the child takes the command line."""
    (folder / "variables").write_text("A=file\nB=file\n")
    (folder / "variables").chmod(0o600)  # root reads it, and not the child's user
    return RULES.format(folder=folder, command=command)


def finds_its_world(container: Container) -> None:
    """See what the child and a command of its actions tell, and that sigroute can end both."""
    container.said(FOUND)
    container.send(signal.SIGUSR1)
    container.said("command 65534 /usr rules /dev/null")
    container.send(signal.SIGTERM)
    assert container.wait() == 3


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
def test_a_child_and_its_commands_find_what_the_rules_say(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(rules_in(tmp_path))
    command = [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", TELLS]
    with Container(tmp_path, command, environment={"X": "inherited"}) as container:
        finds_its_world(container)


def test_and_in_a_compiled_init(tmp_path: Path, make_init: Callable[..., Path]) -> None:
    command = f"command = {json.dumps(['sh', '-c', TELLS])}"
    with Container(tmp_path, [str(make_init(rules_in(tmp_path, command)))], environment={"X": "1"}) as container:
        finds_its_world(container)


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ('user = "no-such-user"', 'user "no-such-user" is not in /etc/passwd'),
        ('cwd = "/no/where"', "cwd /no/where: No such file or directory"),
    ],
)
def test_what_is_missing_ends_with_126(key: str, reason: str, tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(f"{key}\n")
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", "true"]) as container:
        assert container.wait() == 126
    assert f"cannot start true: {reason}\n" in container.log()


@pytest.mark.usefixtures("form")
def test_pid_1_keeps_no_descriptor_of_an_output(tmp_path: Path) -> None:
    rules, out = tmp_path / "rules.toml", tmp_path / "out"
    rules.write_text(f'output = "{out}"\n')
    command = [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", "echo here; exec sleep 1234"]
    with Container(tmp_path, command) as container:
        until(lambda: out.exists() and out.read_text() == "here\n", "the child has written")
        assert str(out) not in opened(container.pid)


@pytest.mark.parametrize(
    ("user", "code", "said"),
    [
        ("root", 5, 'warning: not root, so user "root" can\'t be had: processes run as user 65534, as sigroute does\n'),
        ("nobody", 5, ""),
        ("65534", 5, ""),
        ("0", 126, "cannot start sh: user 0 can't be had: sigroute is not root, but has user 65534 and group 65534\n"),
    ],
)
def test_as_an_ordinary_user(user: str, code: int, said: str, tmp_path: Path, runtimes: Path) -> None:
    need(runtimes.is_dir() and shutil.which("setpriv"), "setpriv, to be another user")
    init = compiled(tmp_path, f'user = "{user}"\n', form="static")
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/proc/self/fd/0", "sh", "-c", "exit 5"]
    with init.open("rb") as opened:  # whose folder that user may not enter
        done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=opened, timeout=60)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert said or "not root" not in done.stderr
