"""``sigroute explain``: what it prints in each form, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from sigroute.explain import main

if TYPE_CHECKING:
    from pathlib import Path

SITE = """\
grace = "40s"
[child.front]
command = ["front"]
needs = "@app"
[child.front.on]
stop = "5s QUIT 10s KILL"
[child.php]
command = ["php", "${POOL}"]
groups = ["app"]
ready = { listen = "127.0.0.1:9000" }
only-if = "PHP"
[child.worker]
command = ["worker"]
groups = ["app"]
instances = 2
"""
GIVEN = ["--env", "POOL=www", "--env", "PHP=1"]


@pytest.fixture
def site(tmp_path: Path) -> str:
    (tmp_path / "site.toml").write_text(SITE)
    return str(tmp_path / "site.toml")


def explained(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(list(words)) == 0
    out, err = capfd.readouterr()
    assert not err
    return out


def refused(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    assert ended.value.code == 64
    return capfd.readouterr().err.splitlines()[-1].removeprefix("sigroute explain: ")


def test_bundled_rules(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    out = explained(capfd, "nginx", "TERM", "--child", "nginx=exits:3s", "--grace", "10s")
    assert (
        out
        == """\
0.000  nginx started as CMD
       TERM from outside
       nginx has become its program
       stop: TERM asks for it
       nginx gets QUIT [child.nginx.on.stop]
3.000  nginx exited with 0
       ends with 0

nginx *#############################################################################################
       0                                                                                     3.000 s
# has got a stop signal, * on the critical path

The stop takes 3s, and the container ends with 0.
The longest part: nginx takes 3s to exit after QUIT.
The platform gives it 10s: 7s are left.
"""
    )


def test_children_groups_and_instances(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    words = [
        site,
        "TERM",
        *GIVEN,
        "--child",
        "@app=exits:7s",
        "--child",
        "php=ready:2s",
        "--child",
        "worker.2=exits:1s",
    ]
    found = json.loads(explained(capfd, *words, "--format", "json"))
    ends = {each["name"]: each["spans"][-1]["to"] for each in found["children"]}
    began, front = found["stop"]["began"], ends["front"]
    assert 2_000 <= began <= 2_100
    assert front - began == 15_000
    assert {name: end - front for name, end in ends.items()} == {
        "front": 0, "php": 7_000, "worker.1": 7_000, "worker.2": 1_000,
    }  # fmt: skip


def test_who_is_left_out_is_told(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert "php is left out: only-if PHP does not hold" in explained(capfd, site, "TERM", "--env", "POOL=www")


def test_a_platform_that_is_too_impatient(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    out = explained(capfd, site, "TERM", *GIVEN, "--grace", "5s")
    assert "then kills the container, while these are still there: front, php, worker.1, worker.2." in " ".join(
        out.split()
    )


@pytest.mark.parametrize(
    ("signals", "arrived"),
    [
        (["HUP", "TERM"], [("HUP", 0, "outside"), ("TERM", 0, "outside")]),
        (["HUP@1s", "TERM@3s"], [("HUP", 1_000, "outside"), ("TERM", 3_000, "outside")]),
        (["15@inside@1s", "INT@+2s"], [("TERM", 1_000, "inside"), ("INT", 3_000, "outside")]),
        (["SIGWINCH@tty", "RTMIN+3@+250ms"], [("WINCH", 0, "tty"), ("RTMIN+3", 250, "outside")]),
    ],
)
def test_signals(
    signals: list[str], arrived: list[tuple[str, int, str]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "web.toml").write_text('[child.web]\ncommand = ["web"]\n[on]\nstop = "TERM 9s KILL"\n')
    found = json.loads(explained(capfd, str(tmp_path / "web.toml"), *signals, "--format", "json"))
    told = [(each["signal"], each["at"], each["sender"]) for each in found["log"] if each["event"] == "signal"]
    assert told == arrived


def test_other_forms(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    drawn = explained(capfd, site, "TERM", *GIVEN, "--format", "svg")
    assert ET.fromstring(drawn).tag.endswith("svg")
    assert f"{site}: TERM</title>" in drawn
    assert explained(capfd, site, "TERM", *GIVEN, "--format", "mermaid").startswith("gantt\n")


def test_the_worst(site: str, capfd: pytest.CaptureFixture[str]) -> None:
    out = explained(capfd, site, "--worst", *GIVEN)
    assert out.startswith("The longest stop: TERM arrives from outside, once the start is over.\n\n")
    assert "\nThe stop takes 20s, and the container ends with 137.\n" in out
    assert "\nCritical path: front 15s + left behind 5s.\n" in out
    assert out.endswith("\nNo rule limits the start: php may become ready at any time (no within).\n")
    for words, took in (([], 20_000), (["--child", "front=exits:1s"], 11_000)):
        assert main([site, "--worst", *GIVEN, "--format", "json", *words]) == 0
        found, notes = capfd.readouterr()
        assert json.loads(found)["stop"]["took"] == took
        assert notes == (
            "The longest stop: TERM arrives from outside, once the start is over.\n"
            "No rule limits the start: php may become ready at any time (no within).\n"
        )


def test_a_stop_during_the_start_may_be_the_longest(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rules = '[task.migrate]\ncommand = ["m"]\n[task.migrate.on]\nstop = { hold = "90s", else = "TERM" }\n'
    (tmp_path / "web.toml").write_text(f'{rules}[child.web]\ncommand = ["web"]\nneeds = "migrate"\n')
    out = explained(capfd, str(tmp_path / "web.toml"), "--worst")
    assert out.startswith("The longest stop: TERM arrives from outside, 0s after the beginning of the start.\n")
    assert "\nThe stop takes 1m30s, and the container ends with 143.\n" in out
    assert "\nThe longest start is not a part of this. The start takes 1s: migrate 1s.\n" in out
    assert main([str(tmp_path / "web.toml"), "--worst", "--format", "json"]) == 0
    assert "\nThe longest start is not a part of this. The start takes 1s: migrate 1s.\n" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nginx"], "name the signals that arrive, such as TERM, or ask for --worst alone"),
        (["nginx", "TERM", "--worst"], "name the signals that arrive, such as TERM, or ask for --worst alone"),
        (["nginx", "TREM"], 'argument SIGNAL: unknown signal "TREM" (did you mean TERM?)'),
        (["nginx", "term"], 'argument SIGNAL: unknown signal "term" (did you mean TERM?)'),
        (["nginx", "KILL"], "argument SIGNAL: KILL can't be received"),
        (["nginx", "TERM@5"], 'argument SIGNAL: duration without a unit: "5" (write 5s or 5ms)'),
        (["nginx", "TERM@insid"], 'argument SIGNAL: "insid" is neither a sender nor a time (did you mean inside?)'),
        (["nginx", "TERM@5s@6s"], 'argument SIGNAL: "6s" is one too many (a signal has one sender and one time'),
        (["nginx", "TERM@tty@tty"], 'argument SIGNAL: "tty" is one too many'),
        (["nginx", "TERM@"], 'argument SIGNAL: "" is neither a sender nor a time (a sender is one of'),
        (["nginx", "TERM", "--child", "nginx"], "argument --child: 'nginx' is no NAME=WORD, as in nginx=exits:3s"),
        (["nginx", "TERM", "--child", "nginx=exit:3s"], 'argument --child: unknown word "exit" (did you mean exits?)'),
        (["nginx", "TERM", "--child", "ngin=never"], 'argument --child: there is no "ngin" (did you mean nginx?)'),
        (["nginx", "TERM", "--child", "@app=never"], 'argument --child: there is no "@app"'),
        (["tests/data/valid/several.toml", "TERM", "--child", "app=never"], 'argument --child: there is no "app"'),
        (["nginx", "TERM", "--grace", "10"], 'argument --grace: duration without a unit: "10" (write 10s or 10ms)'),
        (["nginx", "TERM", "--env", "X"], "argument --env: 'X' is no variable"),
    ],
)  # fmt: skip
def test_bad_usage(words: list[str], message: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert refused(capfd, *words).startswith(message)


def test_a_time_before_the_end_of_the_start_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "web.toml").write_text('[child.web]\ncommand = ["web"]\nready = "60s"\n')
    assert main([str(tmp_path / "web.toml"), "INT@5s"]) == 0
    assert capfd.readouterr().err == ""
    assert main([str(tmp_path / "web.toml"), "HUP", "INT@5s"]) == 0
    assert capfd.readouterr().err == "INT arrives after 1m: the signals before it come first\n"


def test_times_that_go_back_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    assert refused(capfd, "nginx", "HUP@5s", "TERM@3s") == "TERM@3s arrives before HUP@5s: write them in order"


def test_bad_rules(tmp_path: Path, site: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.toml").write_text('[on]\nstop = "QIUT"\n')
    assert main([str(tmp_path / "bad.toml"), "TERM"]) == 78
    assert "did you mean QUIT?" in capfd.readouterr().err
    assert main([site, "TERM"]) == 78
    assert capfd.readouterr().err.endswith("or name it here: --env NAME=VALUE\n")
    assert main(["nowhere.toml", "TERM"]) == 78


def test_the_help_names_every_word(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    out = capfd.readouterr().out
    assert all(len(line) <= 82 for line in out.splitlines())
    for word in ("exits:TIME", "never", "leaves:TIME", "TERM@5s", "--worst"):
        assert re.search(rf"^\s+{re.escape(word)}", out, re.MULTILINE), word


def test_the_command_line_has_it() -> None:
    words = [sys.executable, "-m", "sigroute", "explain", "nginx", "TERM"]
    done = subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\nThe stop takes no time, and the container ends with 0.\nAssumed: at the last signal" in done.stdout
