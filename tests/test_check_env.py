"""``check --env``: who is started where these variables are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.check import main

if TYPE_CHECKING:
    from pathlib import Path

RULES = """
[child.db]
command  = ["db"]
only-if  = "!DB_HOST"
[child.web]
command  = ["web"]
only-if  = ["ROLE=all|web", "!/etc/off"]
env      = { ROLE = "${ROLE:-web}" }
[child.secret]
command  = ["secret"]
only-if  = ["TOKEN", "A"]
env-file = "/run/token"
env      = { A = "1" }
[child.plain]
command  = ["plain"]
[task.mine]
command  = ["mine"]
user     = "app"
only-if  = "HOME=/srv"
"""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "1000")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            [],
            {
                "db": "!DB_HOST",
                "web": "ROLE=all|web, !/etc/off",
                "secret": "TOKEN, A",
                "mine": "HOME=/srv",
            },
        ),
        (
            ["--env", "DB_HOST=", "--env", "ROLE="],
            {
                "db": "started",
                "web": "depends on !/etc/off",
                "secret": "depends on TOKEN",
                "mine": "depends on HOME=/srv",
            },
        ),
        (
            ["--env", "DB_HOST=db.example", "--env", "ROLE=worker"],
            {
                "db": "left out, as !DB_HOST does not hold",
                "web": "left out, as ROLE=all|web does not hold",
                "secret": "depends on TOKEN",
                "mine": "depends on HOME=/srv",
            },
        ),
    ],
)
def test_who_is_started(
    words: list[str], said: dict[str, str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    assert main([*words, str(path)]) == 0
    lines = [line for line in capfd.readouterr().out.splitlines() if line.startswith("only-if of ")]
    assert lines == [f"only-if of {name}: {text}" for name, text in said.items()]


def test_a_variable_that_the_start_lacks_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[child.web]\ncommand = ["web", "${PORT}"]\nonly-if = "ROLE"\n')
    assert main(["--env", "ROLE=web", str(path)]) == 0
    assert "with --env: " in (out := capfd.readouterr().out)
    assert "PORT is not set" in out


@pytest.mark.parametrize("word", ["ROLE", "=web", ""])
def test_what_is_no_variable_is_bad_usage(word: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--env", word, "nginx"])
    assert raised.value.code == 64
    assert "is no variable" in capfd.readouterr().err


def test_a_graph_shows_all_children(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(["--graph", "text", "--env", "ROLE=web", "nginx"])
    assert raised.value.code == 64
    assert "not allowed with" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("role", "when", "ends"),
    [
        ("x", '["web"]', True),
        ("web", '["web"]', False),
        ("x", '"any"', False),
        ("x", '"all"', False),
        (None, '["web"]', False),
    ],
)
def test_that_nobody_is_left_whose_end_counts(
    role: str | None, when: str, tmp_path: Path, capfd: pytest.CaptureFixture[str], *, ends: bool
) -> None:
    path = tmp_path / "rules.toml"
    web = '[child.web]\ncommand = ["web"]\nonly-if = "ROLE=web"\n'
    path.write_text(f'{web}[child.other]\ncommand = ["other"]\n[exit]\nwhen = {when}\n')
    assert main([*([] if role is None else ["--env", f"ROLE={role}"]), str(path)]) == 0
    assert ("are left out: it ends with 78, at once" in capfd.readouterr().out) == ends
