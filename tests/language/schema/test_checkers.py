"""What two programs that know nothing of sigroute say of the corpus, by the schema alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.language import rule_schema
from tests.language.schema.unseen import UNSEEN
from tests.real.require import need

if TYPE_CHECKING:
    from collections.abc import Callable

    Checker = Callable[[Path, list[Path]], set[str]]

ROOT = Path(__file__).parents[3]
DATA = ROOT / "tests" / "data"

#: Python refuses to write a number of thousands of digits, and so to say that it is wrong.
NO_NUMBER = "huge-hex"


def check_jsonschema(schema: Path, files: list[Path]) -> set[str]:
    """Return the names of the files that are wrong."""
    program = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile", str(schema)]
    done = subprocess.run([*program, *map(str, files)], check=False, capture_output=True, text=True, timeout=120)
    said = json.loads(done.stdout)
    assert not said.get("parse_errors")
    assert (done.returncode == 0) == (not said["errors"])
    return {Path(each["filename"]).stem for each in said["errors"]}


def taplo(schema: Path, files: list[Path]) -> set[str]:
    """Return the names of the files that are wrong."""
    need(shutil.which("taplo"), "taplo, as in npm install --global @taplo/cli")
    program = ["taplo", "lint", "--no-auto-config", "--schema", schema.as_uri()]
    done = subprocess.run([*program, *map(str, files)], check=False, capture_output=True, text=True, timeout=120)
    wrong = re.findall(r'invalid file error=schema validation failed path="(.*)"', done.stderr)
    assert (done.returncode == 0) == (not wrong), done.stderr
    assert f"total={len(files)}" in done.stderr
    return {Path(each).stem for each in wrong}


CHECKERS: list[Checker] = [check_jsonschema, taplo]


@pytest.fixture(scope="module", name="schema")
def _schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "sigroute.json"
    path.write_text(json.dumps(rule_schema()))
    return path


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_valid_file_passes(schema: Path, checker: Checker) -> None:
    files = [path for kind in ("valid", "warnings", "setups") for path in sorted((DATA / kind).glob("*.toml"))]
    files += sorted((ROOT / "rules").glob("*.toml"))
    assert checker(schema, files) == set()


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_invalid_file_fails_unless_its_fault_is_one_that_no_schema_sees(schema: Path, checker: Checker) -> None:
    files = [path for path in sorted((DATA / "invalid").glob("*.toml")) if is_toml(path) and path.stem != NO_NUMBER]
    assert len(files) > 300
    assert {path.stem for path in files} - checker(schema, files) == set(UNSEEN.split())


def is_toml(path: Path) -> bool:
    try:
        return bool(tomllib.loads(path.read_text()))
    except (ValueError, RecursionError):
        return False


def test_the_schema_is_one_itself(schema: Path) -> None:
    program = [sys.executable, "-m", "check_jsonschema", "--check-metaschema", str(schema)]
    assert subprocess.run(program, check=False, capture_output=True, timeout=120).returncode == 0
