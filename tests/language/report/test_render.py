"""Rules as one text: what was written, then what it was made from, as comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.language import load
from sigroute.language.report.render import render

if TYPE_CHECKING:
    from pathlib import Path


def spelled(folder: Path, text: str, *overrides: str, name: str = "rules.toml") -> str:
    (folder / name).write_text(text)
    return render(load(str(folder / name), overrides), overrides)


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", '[on]\nHUP = "drop"\n'])
def test_a_file_alone_is_as_it_was_written(tmp_path: Path, text: str) -> None:
    assert spelled(tmp_path, text) == text


def test_a_last_line_has_its_end(tmp_path: Path) -> None:
    assert spelled(tmp_path, 'on.HUP = "drop"') == 'on.HUP = "drop"\n'


def test_bundled_rules_are_as_they_are_shown() -> None:
    rules = load("nginx")
    assert render(rules) == rules.rules.source.text


def test_what_the_command_line_said_comes_last(tmp_path: Path) -> None:
    assert spelled(tmp_path, 'on.HUP = "drop"', "USR1=TERM", "HUP=KILL") == (
        'on.HUP = "drop"\n\n# on the command line:\n# --on USR1=TERM\n\n# on the command line:\n# --on HUP=KILL\n'
    )


def test_lines_of_an_override_stay_comments(tmp_path: Path) -> None:
    text = spelled(tmp_path, "", 'HUP={ run = ["a",\n"b\u2028c"], send = "HUP" }')
    assert all(line.startswith("#") for line in text.splitlines() if line)


def test_each_file_that_is_liked_is_there_once_however_far_away(tmp_path: Path) -> None:
    (tmp_path / "last.toml").write_text('# last\n\non.HUP = "drop"')
    (tmp_path / "next.toml").write_text('child.x.like = "./last.toml"\n')
    text = '[child.a]\ncommand = ["a"]\nlike = "./next.toml"\n[child.b]\ncommand = ["b"]\nlike = "./next.toml"\n'
    said = spelled(tmp_path, text)
    assert said == (
        f"{text}\n"
        '# what is like "next.toml" has:\n# child.x.like = "./last.toml"\n\n'
        '# what is like "last.toml" has:\n# # last\n#\n# on.HUP = "drop"\n'
    )
    assert spelled(tmp_path, said, name="again.toml").startswith(said)
