"""The rules of a file are resolved once, whatever a command asks of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute import check
from sigroute import compile as compile_
from sigroute.language import compile_plan, examine, load, summary
from sigroute.language.resolve.resolved import Resolved
from sigroute.language.resolve.stop_graph import stop_graphs

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.language import RuleFile

TEXT = """
grace = "60s"
[child.a]
command = ["a"]
groups = "g"
on.stop = { after = "b", send = "TERM 5s KILL" }
[child.b]
command = ["b"]
like = "nginx"
[group.g.on]
HUP = "USR2"
"""


@pytest.fixture(name="resolved")
def count(monkeypatch: pytest.MonkeyPatch) -> list[RuleFile]:
    """The rules of files that were resolved; a compiled init has the default rules as well."""
    found: list[RuleFile] = []
    real = Resolved.__init__

    def counted(self: Resolved, rules: RuleFile) -> None:
        found.extend([rules] if rules.source.path else [])
        real(self, rules)

    monkeypatch.setattr(Resolved, "__init__", counted)
    return found


@pytest.fixture(name="file")
def write(tmp_path: Path) -> str:
    path = tmp_path / "rules.toml"
    path.write_text(TEXT)
    return str(path)


def test_check_resolves_each_file_once(file: str, resolved: list[RuleFile]) -> None:
    assert check.main(["--platform-grace", "10s", file, "nginx"]) == 0
    assert [rules.source.name for rules in resolved] == [file, load("nginx").rules.source.name]


def test_a_start_resolves_once(file: str, resolved: list[RuleFile]) -> None:
    compile_plan(load(file, ["HUP=drop"]))
    assert len(resolved) == 1


@pytest.mark.parametrize(("options", "with_on"), [([], [False]), (["--on", "HUP=drop"], [True, False])])
def test_compile_resolves_once_with_on_and_once_without(
    file: str, resolved: list[RuleFile], options: list[str], with_on: list[bool]
) -> None:
    """The warnings are about the file as it is written, so what --on changes is resolved apart."""
    compile_.of_rules(compile_.parser().parse_args([file, "-o", "init", "--python", *options]))
    assert [bool(rules.overrides.entries) for rules in resolved] == with_on


def test_what_is_made_once_is_kept(file: str) -> None:
    found = load(file)
    graphs = found.once(stop_graphs)
    examine(found)
    assert "".join(summary(found, 80))
    assert found.once(stop_graphs) is graphs
    assert load(file).once(stop_graphs) is not graphs
