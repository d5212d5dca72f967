"""What a check may ask: where the rules are to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language import examine, load
from sigroute.language.resolve.longest_stop import longest_stop
from sigroute.pid1.names import STANDARD

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_stopsignal() -> None:
    haproxy, nginx = load("haproxy"), load("nginx")
    assert examine(haproxy, stopsignal=STANDARD["USR1"]) == ()
    (problem,) = examine(nginx, stopsignal=STANDARD["USR1"])
    assert (problem.warning, problem.message) == (False, "STOPSIGNAL USR1 is not of class stop")
    assert problem.hint == '[signals] stop = ["+USR1"]'
    (problem,) = examine(nginx, stopsignal=STANDARD["KILL"])
    assert "can't be received" in problem.hint


def test_a_stopsignal_that_every_child_drops(tmp_path: Path) -> None:
    text = '[child.a]\non.stop = "drop"\n[child.b]\ncommand = ["b"]\n[child.b.on]\nTERM = "drop"\n"INT@tty" = "drop"\n'
    (tmp_path / "rules.toml").write_text(text)
    rules = load(str(tmp_path / "rules.toml"))
    (problem,) = examine(rules, stopsignal=STANDARD["TERM"])
    assert (problem.warning, problem.line) == (False, 2)
    assert problem.message == "STOPSIGNAL TERM is dropped by every child, in child.a.on.stop"
    assert examine(rules, stopsignal=STANDARD["INT"]) == ()


def test_where_34_cannot_be_received(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rules.toml").write_text('[on]\nRTMIN = "TERM"\n')
    loaded = load(str(tmp_path / "rules.toml"))
    monkeypatch.setattr("sigroute.language.lint.unused.is_musl", lambda: True)
    assert [problem.message for problem in examine(loaded)] == ["RTMIN can never apply here, in on.RTMIN"]
    monkeypatch.setattr("sigroute.language.lint.unused.is_musl", lambda: False)
    assert examine(loaded) == ()


def test_platform_grace() -> None:
    rules = load("postgres")
    assert examine(rules, platform_grace=65_000) == ()
    (problem,) = examine(rules, platform_grace=64_999)
    assert problem.warning
    assert problem.message == "a stop may take 1m5s, longer than the platform gives it, 1m4s999ms"
    assert problem.hint == "postgres 1m + drain 5s: shorten postgres, which takes 1m"


def test_grace_is_compared_with_what_the_platform_gives(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text("grace = '50s'\n[on]\nstop = 'TERM 30s KILL'\n")
    rules = load(str(tmp_path / "rules.toml"))
    assert examine(rules, platform_grace=50_000) == ()
    (problem,) = examine(rules, platform_grace=40_000)
    assert problem.message == "grace, 50s, is longer than the platform gives a stop, 40s"
    (problem,) = examine(rules, platform_grace=30_000)
    assert problem.message == "a stop may take 35s, longer than the platform gives it, 30s"


def test_what_on_mends_is_no_error_of_the_file(tmp_path: Path) -> None:
    """The file alone has a circle: it has no longest stop, and nobody is warned of rules that can't be used."""
    text = "[child.{0}]\ncommand = ['x']\non.stop = {{ after = '{1}', send = 'TERM' }}\n"
    (tmp_path / "rules.toml").write_text(text.format("a", "b") + text.format("b", "a"))
    resolved = load(str(tmp_path / "rules.toml"), ("stop=TERM",))
    assert examine(resolved) == ()
    assert str(longest_stop(resolved)) == "drain 5s"
