"""Children that are left out, by the variables and files of a real container, in every form of sigroute as PID 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.real.conftest import FORMS
from tests.real.container import SIGROUTE, Container

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

RULES = """
[child.db]
command = ["sleep", "1000"]
ready   = "100ms"
only-if = "!DB_HOST"

[child.web]
command = ["sh", "-c", "echo web; exit 5"]
needs   = ["db", "make"]
env     = {{ ROLE = "web" }}
only-if = ["ROLE=all|web*", "{folder}/made"]

[task.make]
command = ["touch", "{folder}/made"]
only-if = "!{folder}/made"

[exit]
when = ["db", "web"]
"""


def told(container: Container) -> list[str]:
    """Return whom the log calls left out."""
    lines = [json.loads(line) for line in container.log().splitlines() if line.startswith("{")]
    return [line["child"] for line in lines if line["event"] == "left-out"]


@pytest.mark.usefixtures("form")
@pytest.mark.forms(*FORMS)
def test_who_is_left_out_is_not_started(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES.format(folder=tmp_path))
    command = [*SIGROUTE, "--rules", str(rules), "--log", "json"]
    with Container(tmp_path, command, environment={"DB_HOST": "db.example"}) as container:
        assert container.wait() == 5
    assert told(container) == ["db"]
    with Container(tmp_path, command) as container:
        assert container.wait() == 5
    assert told(container) == ["make"]
    rules.write_text(rules.read_text().replace("web*", "worker").replace('"db", "web"', '"web"'))
    with Container(tmp_path, command) as container:
        assert container.wait() == 78


def test_and_in_a_compiled_init(tmp_path: Path, make_init: Callable[..., Path]) -> None:
    init = make_init(RULES.format(folder=tmp_path))
    with Container(tmp_path, [str(init)], environment={"DB_HOST": "db.example"}) as container:
        assert container.wait() == 5
    assert "db is left out: only-if !DB_HOST does not hold\n" in container.log()
