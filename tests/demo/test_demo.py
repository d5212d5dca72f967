"""The demo for real: as root and as anybody, with namespaces and without, to its end and interrupted."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from sigroute.demo import side_by_side
from sigroute.demo.act import ACTS, PROGRAMS, REQUESTS, Act
from sigroute.demo.way import find_way
from tests.real.container import SIGROUTE, children, title_of
from tests.real.require import need
from tests.real.traffic import PATIENCE, until

README = (Path(__file__).parents[2] / "README.md").read_text()

DEMO = [*SIGROUTE, "demo"]

#: The demo as it is where no namespace is allowed, on a machine that allows it.
SUBREAPER = [
    sys.executable,
    "-c",
    "from sigroute.demo import presentation, way; presentation.show(way.Way('subreaper', 'not wanted'))",
]

WITNESS = [sys.executable, "-I", "-S", str(Path(__file__).with_name("witness.py"))]

WITHOUT_RIGHTS = ["setpriv", "--bounding-set", "-all", "--inh-caps", "-all"]
AS_ANYBODY = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]

#: Seconds: alone it takes four; tests have company.
BOUND = 30


def witnessed(command: list[str]) -> tuple[str, dict[str, Any]]:
    """Run a demo to its end; return what it showed, and what the witness told of its end."""
    begun = time.monotonic()
    done = subprocess.run([*WITNESS, *command], check=True, capture_output=True, text=True, timeout=2 * PATIENCE)
    assert time.monotonic() - begun < BOUND
    _, end = map(json.loads, done.stderr.splitlines())
    assert (end["code"], end["left"], end["said"]) == (0, 0, ""), end
    return done.stdout, end


def assert_it_shows_the_difference(shown: str) -> None:
    for label in ("A server behind a script", "A server and its database"):
        (line,) = [line for line in shown.splitlines() if line.startswith(label)]
        assert re.split(r"\s{2,}", line) == [label, "30 of 30", "0 of 30"]
    assert shown.count("requests cut off: 30 of 30") == shown.count("requests answered: 30 of 30") == 2
    assert shown.count("the rule: QUIT for the server") == 2
    assert shown.count("the rule: TERM for the database") == 1
    assert shown.count("ends, exit code 0") == 3
    *lines, folder, _ = shown.splitlines()
    assert Path(folder.strip()).is_dir()
    assert all(len(line) <= 80 for line in lines)
    assert shown.isascii()


def told(shown: str) -> list[list[set[str]]]:
    """Return what each timeline tells of its two sides, without the times: what happens at once has no order."""
    timelines = re.findall(r"^------.*\n((?:.+\n)+)", shown, re.MULTILINE)
    return [[{line[a:b].strip() for line in text.splitlines()} for a, b in ((8, 43), (45, 80))] for text in timelines]


def summary(shown: str) -> list[str]:
    """Return the table of what was lost."""
    return re.findall(r"(?m)^(?:requests lost|A server .*of 30) .*$", shown)


def test_the_forwarder_loses_what_sigroute_finishes() -> None:
    shown, _ = witnessed(DEMO)
    assert_it_shows_the_difference(shown)
    need("There can be no PID namespace here" not in shown, "PID namespaces, as in the README's picture")
    assert told(shown) == told(README)
    assert summary(shown) == summary(README)


@pytest.mark.parametrize("init", ["tini", "dumb-init", "catatonit"])
def test_the_forwarder_does_what_others_do(init: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shutil.which(init)
    need(path, init)
    monkeypatch.setattr(side_by_side, "forwarder", lambda act: [path, "--", "sh", act.script])
    lost = [[sum(not whole for _, whole in scene.ends()) for scene in pair] for pair in side_by_side.run(find_way())]
    assert lost == [[REQUESTS, 0]] * 2


def test_an_ordinary_user_sees_the_same_in_a_namespace() -> None:
    if os.geteuid() == 0:
        ok = shutil.which("unshare") and subprocess.run([*AS_ANYBODY, "true"], check=False).returncode == 0
        need(ok, "unshare and user namespaces, to be an ordinary user")
        shown, _ = witnessed([*AS_ANYBODY, *DEMO])
    else:
        shown, _ = witnessed(DEMO)
    need("There can be no PID namespace here" not in shown, "PID namespaces for ordinary users")
    assert "TERM arrives at PID 1" in shown
    assert_it_shows_the_difference(shown)


def test_where_there_can_be_no_namespace_it_says_so_and_shows_the_same() -> None:
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to be root without rights")
    shown, _ = witnessed([*WITHOUT_RIGHTS, *DEMO])
    assert "no PID namespace here (unshare: Operation not permitted)" in " ".join(shown.split())
    assert_it_shows_the_difference(shown)


def test_a_subreaper_shows_the_same() -> None:
    shown, _ = witnessed(SUBREAPER)
    assert "TERM arrives at the subreaper" in shown
    assert_it_shows_the_difference(shown)


@pytest.mark.parametrize("command", [DEMO, SUBREAPER], ids=["namespace", "subreaper"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGKILL, -9)],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else "",
)
def test_interrupted_it_leaves_nothing(command: list[str], number: signal.Signals, code: int) -> None:
    if command is SUBREAPER:
        command = [*SUBREAPER[:2], MAIN_AS_SUBREAPER]
    process = subprocess.Popen(
        [*WITNESS, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stderr
    with process:
        demo = json.loads(process.stderr.readline())["pid"]
        until(lambda: len(servers(demo)) == 4, "all servers run")
        os.kill(demo, number)
        end = json.loads(process.stderr.readline())
        assert end["code"] == code
        assert end["said"] == ""
        if number != signal.SIGKILL:  # after which nobody is there to wait: it is the kernel that ends the others
            assert end["left"] == 0
        assert process.wait(PATIENCE) == 0  # the witness: all have ended


MAIN_AS_SUBREAPER = """
import sys
from sigroute import demo
from sigroute.demo import way
way.find_way = lambda: way.Way("subreaper", "not wanted")
sys.exit(demo.main([]))
"""


def servers(pid: int) -> list[int]:
    """Return the servers below a process."""
    below = children(pid)
    found = [each for each in below if re.match(r"python3 server\.py ", title_of(each))]
    return found + [server for each in below for server in servers(each)]


def test_ctrl_c_that_is_ignored_stays_ignored() -> None:
    command = ["sh", "-c", 'trap "" INT; "$@" & wait $!', "sh", *DEMO]
    process = subprocess.Popen([*WITNESS, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        assert process.stderr
        shell = json.loads(process.stderr.readline())["pid"]
        until(lambda: len(servers(shell)) == 4, "all servers run")
        (demo,) = children(shell)
        os.kill(demo, signal.SIGINT)
        shown, told = process.communicate(timeout=PATIENCE)
    assert json.loads(told)["code"] == 0
    assert_it_shows_the_difference(shown)


def test_a_reader_that_goes_away_ends_it() -> None:
    command = f"{sys.executable} -m sigroute demo | head -n 1"
    done = subprocess.run([*WITNESS, "sh", "-c", command], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert len(done.stdout.splitlines()) == 1
    assert json.loads(done.stderr.splitlines()[1])["said"] == ""


def test_without_loopback_it_cannot_be_run() -> None:
    need(os.geteuid() == 0 and shutil.which("unshare"), "root and unshare, for a network without loopback")
    command = [*WITNESS, "unshare", "--net", *DEMO]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=2 * PATIENCE)
    end = json.loads(done.stderr.splitlines()[1])
    assert (end["code"], end["left"]) == (1, 0)
    assert re.fullmatch(r"sigroute demo: cannot [^\n]*127\.0\.0\.1[^\n]*\n", end["said"])


def test_words_are_bad_usage_and_help_is_no_demo() -> None:
    done = subprocess.run([*DEMO, "now"], check=False, capture_output=True, text=True, timeout=PATIENCE)
    assert (done.returncode, done.stdout) == (64, "")
    assert "unrecognized arguments: now" in done.stderr
    done = subprocess.run([*DEMO, "--help"], check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.startswith("usage: sigroute demo\n")


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.rules)
def test_its_rules_are_without_a_warning(act: Act) -> None:
    command = [*SIGROUTE, "check", "--strict", str(PROGRAMS / act.rules)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stderr == ""
    assert "QUIT 5s KILL" in done.stdout
