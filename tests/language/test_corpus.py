"""Every file of tests/data says what its sibling .txt has, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigroute.language import RuleError, bundled, examine, load

DATA = Path(__file__).parent.parent / "data"


def files(kind: str) -> list[Path]:
    return sorted((DATA / kind).glob("*.toml"))


def names(paths: list[Path]) -> list[str]:
    return [path.stem for path in paths]


@pytest.mark.parametrize("path", files("invalid"), ids=names(files("invalid")))
def test_invalid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(RuleError) as raised:
        load(path.name)
    assert f"{raised.value}\n" == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", files("warnings"), ids=names(files("warnings")))
def test_warnings(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    assert "\n".join(map(str, examine(load(path.name)))) + "\n" == path.with_suffix(".txt").read_text()


@pytest.mark.parametrize("path", files("valid"), ids=names(files("valid")))
def test_valid(path: Path) -> None:
    assert examine(load(str(path))) == ()


@pytest.mark.parametrize("path", files("setups"), ids=names(files("setups")))
def test_setups(path: Path) -> None:
    """What real containers run, as their owners should be able to write it."""
    assert examine(load(str(path))) == ()


@pytest.mark.parametrize("name", bundled.names())
def test_bundled(name: str) -> None:
    assert examine(load(name)) == ()


def test_every_problem_has_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    hintless = []
    for path in files("invalid"):
        monkeypatch.chdir(path.parent)
        with pytest.raises(RuleError) as raised:
            load(path.name)
        hintless += [path.stem for problem in raised.value.problems if not problem.hint]
    # What is in a file that is no rule file is not to be told.
    assert hintless == ["not-rules-shadow"]


def test_the_corpus_is_whole() -> None:
    assert len(files("invalid")) >= 180
    for kind in ("invalid", "warnings"):
        assert sorted(names(files(kind))) == sorted(path.stem for path in (DATA / kind).glob("*.txt"))
