"""``sigroute replay``: the same again, or by other rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sigroute.journal.command import main
from sigroute.pid1.names import STANDARD
from sigroute.simulate.model import CHILD, changed
from sigroute.simulate.play import Arrival, Play
from sigroute.timeline.command import main as timeline
from tests.journal.written import journal_of, observed
from tests.simulate.scenes import plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.pid1.world import World

OLD = """
[child.front]
command = ["front"]
[child.front.on]
stop = "2s QUIT 10s KILL"
[child.app]
command = ["app"]
[child.app.on]
stop = { after = "front", send = "TERM" }
"""
NEW = OLD.replace('"2s QUIT 10s KILL"', '"QUIT 3s KILL"')


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """Write the journal of a stop: front takes 5 s after QUIT, app 1 s after TERM."""
    plan = plan_of(tmp_path, OLD)
    run = Play(plan, [changed(CHILD, "exits:5s"), changed(CHILD, "exits:1s,code:3")], {})
    world: World = run  # type: ignore[assignment] # it watches less
    observed(world, tmp_path / "j")
    run.run([Arrival(STANDARD["TERM"], "outside", 4_000)])
    return str(tmp_path / "j")


def test_the_same(journal: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([journal]) == 0
    out, err = capfd.readouterr()
    assert re.fullmatch(r"\d+ events, \d+ effects: the engine decides the same\n", out)
    assert not err


def test_by_other_rules(journal: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "new.toml").write_text(NEW)
    assert main([journal, "--rules", str(tmp_path / "new.toml")]) == 0
    out = capfd.readouterr().out
    assert out.startswith("--- by the rules of the journal\n+++ by the new rules\n")
    assert "\n-    6.000  front gets QUIT [child.front.on.stop]\n" in out
    assert "\n+    7.000  front gets KILL [child.front.on.stop]\n" in out
    told = " ".join(out.split())
    assert "By the rules of the journal: The stop takes 8s, and the container ends with 0." in told
    assert "By the new rules: The stop takes 4s, and the container ends with 137." in told


def test_the_same_rules_make_no_difference(journal: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([journal, "--rules", str(tmp_path / "rules.toml")]) == 0
    out = capfd.readouterr().out
    assert "---" not in out
    old, new = re.findall(r"rules(?: of the journal)?: (.*?)(?=By the new|$)", " ".join(out.split()))
    assert old.strip() == new.strip()


def test_a_timeline_of_it(journal: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert timeline([journal]) == 0
    out = capfd.readouterr().out
    assert "\nThe stop takes 8s, and the container ends with 0.\n" in out


def test_several_files(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    journal_of(1, tmp_path / "j.1")
    journal_of(2, tmp_path / "j")
    assert main([str(tmp_path / "j.1"), str(tmp_path / "j")]) == 0
    assert "the engine decides the same" in capfd.readouterr().out


def test_another_decision(journal: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sigroute.pid1.engine.action.DUPLICATE", 200)
    monkeypatch.setattr("sigroute.journal.replay.step", lambda _plan, state, _event, _now: (state, []))
    assert main([journal]) == 1
    out = capfd.readouterr().out
    assert out.startswith(f"{journal}:2: the engine decides otherwise\n")
    assert "\n  - Spawn(child=0)\n" in out


def test_what_can_not_be_read(tmp_path: Path, journal: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text").write_text("GET /\n")
    (tmp_path / "bad.toml").write_text("[on]\nstop = 'QIUT'\n")
    wanted = {
        (str(tmp_path / "text"),): ":1: this is no journal",
        (str(tmp_path / "missing"),): ": No such file or directory",
        (str(tmp_path),): ": Is a directory",
        (journal, "--rules", str(tmp_path / "bad.toml")): "did you mean QUIT?",
    }
    for words, trouble in wanted.items():
        assert main(list(words)) == 78
        assert trouble in capfd.readouterr().err
    (tmp_path / "broken").write_text('{"journal": 1, "x')
    assert timeline([str(tmp_path / "broken")]) == 78
