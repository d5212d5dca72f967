"""``sigroute timeline``: from a log to a drawing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from sigroute.timeline.command import main
from sigroute.timeline.forms import FORMS
from tests.timeline.test_read import STARTED, written

LOG = [
    written(1, "started", **STARTED),
    "GET / 200\n",
    written(5, "signal", signal="TERM", sender="outside", pid=0, uid=0),
    written(5, "stop", signal="TERM"),
    written(5, "sent", child="web", pid=7, signal="QUIT", origin="x"),
    written(9, "exited", child="web", pid=7, status=0),
    written(9, "exit", status=0),
]


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "web.jsonl").write_text("".join(LOG))
    return str(tmp_path / "web.jsonl")


def test_text(log: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([log, "--grace", "10s"]) == 0
    out, err = capfd.readouterr()
    assert not err
    assert out.startswith("0.000  web started as web\n4.000  TERM from outside\n")
    assert out.endswith("The platform gives it 10s: 6s are left.\n")


def test_every_form_can_be_written_by_its_ending(log: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for form, (ending, _) in FORMS.items():
        path = tmp_path / f"stop{ending}"
        assert main([log, "-o", str(path)]) == 0
        assert not capfd.readouterr().out
        assert main([log, "--format", form]) == 0
        assert capfd.readouterr().out == path.read_text()
    assert main([log, "-o", str(tmp_path / "stop"), "--format", "json"]) == 0
    assert json.loads((tmp_path / "stop").read_text())["stop"]["took"] == 4_000


def test_standard_input(log: str) -> None:
    words = [sys.executable, "-m", "sigroute", "timeline", "-"]
    with Path(log).open("rb") as stdin:
        done = subprocess.run(words, stdin=stdin, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "The stop takes 4s, and the container ends with 0.\n" in done.stdout


def test_which_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("".join([*LOG, *LOG[:-1]]))
    found = {}
    for which in ([], ["--run", "1"], ["--run", "2"]):
        assert main([str(tmp_path / "log"), "--format", "json", *which]) == 0
        found[" ".join(which)] = json.loads(capfd.readouterr().out)["code"]
    assert found == {"": None, "--run 1": 0, "--run 2": None}
    assert main([str(tmp_path / "log"), "--format", "svg"]) == 0
    assert "log, run 2 of 2, from 2026-01-31 12:00:01 UTC</title>" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--run", "2"], 64, "sigroute timeline: there is no run 2: the log has 1"),
        (["--run", "0"], 64, "sigroute timeline: there is no run 0: the log has 1"),
        (["-o", "x.png"], 64, "sigroute timeline: 'x.png' ends in none of .txt, .json, .mmd, .svg, .html: say which"),
        (["--format", "pdf"], 64, "sigroute timeline: argument --format: invalid choice: 'pdf'"),
        (["-o", "/nowhere/x.svg"], 74, "sigroute: cannot write /nowhere/x.svg: No such file or directory"),
        (["-o", "/dev/full", "--format", "svg"], 74, "sigroute: cannot write /dev/full: No space left on device"),
    ],
)  # fmt: skip
def test_what_can_not_be_done(
    log: str, words: list[str], code: int, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    try:
        got = main([log, *words])
    except SystemExit as ended:
        got = int(str(ended.code))
    assert got == code
    assert capfd.readouterr().err.splitlines()[-1].startswith(message)


def test_logs_that_can_not_be_drawn(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text").write_text("2026-01-31T12:00:00.123Z sigroute: ends with 0\n")
    (tmp_path / "bytes").write_bytes(b"\xff{\x00\n" * 1_000)
    (tmp_path / "empty").write_text("")
    for name in ("text", "bytes", "empty"):
        assert main([str(tmp_path / name)]) == 78
        told = capfd.readouterr().err
        assert (
            told
            == f"{tmp_path / name}: no line of sigroute's log is in it, as JSON\n      start sigroute with --log json\n"
        )
    assert main([str(tmp_path / "missing")]) == 78
    assert capfd.readouterr().err == f"{tmp_path / 'missing'}: cannot read: No such file or directory\n"
    assert main([str(tmp_path)]) == 78
