"""The pages of docs/ say what the code does."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.language import Action, Child, Drain, Exit, Group, RuleFile, examine, keys_of, load
from tests.real.setups.world import WORLDS

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "rules.md").read_text()


def reference() -> ModuleType:
    """Load the script that writes the pages."""
    spec = importlib.util.spec_from_file_location("reference", ROOT / "docs" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date() -> None:
    script = reference()
    assert {"rules", "log", "cli", "bench", "drop-in", "recipes", "timeline", "control", "metrics"} == set(
        script.names()
    )
    for name in script.names():
        page = (ROOT / "docs" / f"{name}.md").read_text()
        assert script.page(name) == page, "run: python docs/reference.py"
        assert "{{" not in page, "nothing is left to fill in"
    assert f"{script.explained('svg')}\n" == (ROOT / "docs" / "timeline.svg").read_text()


@pytest.mark.parametrize("block", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_is_right(block: str, tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(block)
    assert examine(load(str(path))) == ()


@pytest.mark.parametrize(
    "block", re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "metrics.md").read_text(), re.DOTALL)
)
def test_every_rule_file_about_metrics_is_right(block: str, tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_text(block)
    assert examine(load(str(path))) == ()


def test_every_recipe_is_run_for_real() -> None:
    """By tests/real/setups/test_setups.py: its start, its stop, the death of each child."""
    page = (ROOT / "docs" / "recipes.in.md").read_text()
    recipes = re.findall(r"\{\{file tests/data/setups/(\S+)\.toml\}\}", page)
    assert recipes
    assert [name for name in recipes if name not in WORLDS] == []


@pytest.mark.parametrize("kind", [RuleFile, Child, Group, Exit, Drain, Action])
def test_every_key_has_its_meaning(kind: type) -> None:
    assert kind.__doc__
    for name, field in keys_of(kind).items():
        assert f"| `{name}` |" in PAGE
        assert field.metadata["meaning"].endswith(".")


def test_what_is_only_for_errors_is_not_loaded_without() -> None:
    code = (
        "import sys, sigroute.language as language\n"
        "language.compile_plan(language.load('nginx'), [b'nginx'])\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    late = {"difflib", "shlex", "graphlib", "argparse", "json", "logging"}
    language = "sigroute.language"
    late |= {f"{language}.{name}" for name in ("read.locate", "read.spans", "read.overrides")}
    late |= {f"{language}.resolve.{name}" for name in ("stop_graph", "longest_stop")}
    for room in ("lint", "report", "schema"):
        late |= {f"{language}.{room}.{path.stem}" for path in (ROOT / "sigroute" / "language" / room).glob("*.py")}
    late |= {f"{language}.{room}" for room in ("lint", "report", "schema")}
    assert not late & set(loaded.stdout.split())
