"""Which modules are in a compiled init: all that its rules need, and no others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from sigroute.bundle import PACKAGE, RECORDS, Core, closure, core_of_role, core_of_rules
from sigroute.language import load, outline
from sigroute.pid1.compat import ROLES
from sigroute.pid1.engine.many import ASKED, MODULES
from sigroute.pid1.plan import Launch
from tests.test_house import imports

if TYPE_CHECKING:
    from pathlib import Path

#: What only rules need that say what a child finds at its start, or that have its output go through a helper.
FOR_WORLDS = {"sigroute.pid1.kernel.world", "sigroute.pid1.kernel.variables"}
FOR_HELPERS = {f"sigroute.pid1.kernel.{name}" for name in ("helpers", "pipes", "relay", "relays", "tagging", "tags")}
FOR_CONDITIONS = {"sigroute.pid1.kernel.conditions"}
FOR_CHANNELS = {f"sigroute.pid1.kernel.{name}" for name in ("channels", "notices", "datagrams", "sender", "telling")}
FOR_WATCHES = {f"sigroute.pid1.kernel.{name}" for name in ("look", "notices", "telling", "watches")}
FOR_JOURNALS = {f"sigroute.pid1.{name}" for name in ("journal.as_json", "journal.observer", "journal.seal", "journal")}
FOR_JOURNALS.add("sigroute.pid1.kernel.journal_file")
FOR_CONTROL = {
    f"sigroute.pid1.control.{name}" for name in ("answers", "as_json", "counts", "metrics", "openmetrics", "protocol")
}
FOR_CONTROL |= {"sigroute.pid1.control.status", "sigroute.pid1.control.table"}
FOR_CONTROL |= {"sigroute.pid1.control", "sigroute.pid1.control.waits", "sigroute.pid1.control.zombies"}
FOR_CONTROL |= {f"sigroute.pid1.kernel.{name}" for name in ("asking", "connection", "control", "control_server")}
FOR_CONTROL |= {"sigroute.pid1.kernel.control_socket", "sigroute.pid1.kernel.sockets", "sigroute.pid1.engine.requests"}
FOR_CONTROL |= {"sigroute.pid1.kernel.notices", "sigroute.pid1.kernel.telling"}
FOR_CONTROL |= {f"sigroute.pid1.engine.{name}" for name in (*ASKED, "pending")}
FOR_ROLES = {"sigroute.pid1.compat.messages"}
#: And only rules with any of these, or with many children.
FOR_ANY = {*RECORDS}
FOR_MANY = {*MODULES, "sigroute.pid1.kernel.further_starts"}
OPTIONAL = FOR_ANY | FOR_MANY | FOR_WORLDS | FOR_HELPERS | FOR_CONDITIONS | FOR_CHANNELS | FOR_WATCHES
OPTIONAL |= FOR_JOURNALS | FOR_CONTROL


@pytest.mark.parametrize("role", [None, *ROLES])
def test_whatever_a_module_imports_is_there(role: str | None) -> None:
    """Where it runs, nothing else could be found."""
    core = core_of_role(role) if role else core_of_rules(Launch(plan=outline(load("nginx", ()))))
    assert not OPTIONAL & all_there(core, OPTIONAL | (set() if role else FOR_ROLES))


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ('umask = "027"', FOR_ANY | FOR_WORLDS),
        ('output = "tag"', FOR_ANY | FOR_WORLDS | FOR_HELPERS | {"sigroute.pid1.kernel.further_starts"}),
        ('restart = "always"', FOR_ANY | FOR_MANY),
        ('[journal]\npath = "/j"', FOR_JOURNALS),
        ('[control]\npath = "/run/c"', FOR_CONTROL),
        ('[task.a]\ncommand = ["a"]', FOR_ANY | FOR_MANY | FOR_HELPERS),
        ('[child.a]\nonly-if = "A"', FOR_ANY | FOR_MANY | FOR_CONDITIONS),
        ("[child.a]\nready = { fd = 3 }", FOR_ANY | FOR_MANY | FOR_CHANNELS),
        ('[child.a]\nwatch = { "/a" = "HUP" }', FOR_ANY | FOR_MANY | FOR_WATCHES),
    ],
)
def test_whatever_some_rules_need_is_there(tmp_path: Path, text: str, needed: set[str]) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text(f"{text}\n")
    core = core_of_rules(Launch(plan=outline(load(str(rules), ()))))
    assert all_there(core, (OPTIONAL - needed) | FOR_ROLES) & OPTIONAL == needed


def test_what_a_request_needs_is_kept_for_it() -> None:
    """The package's PID 1 reads no file once its children run, and loads this with the first request."""
    path = PACKAGE / "pid1" / "entry" / "take_over.py"
    (kept,) = (
        ast.literal_eval(node.value)
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "ASKED"
    )
    loaded = closure(("sigroute.pid1.entry.supervise", "sigroute.pid1.kernel.control", "sigroute.pid1.entry.take_over"))
    needed = closure(f"sigroute.pid1.engine.{name}" for name in ASKED)
    assert {f"sigroute.pid1.engine.{name}" for name in kept} == set(needed) - set(loaded)


def all_there(core: Core, but: set[str]) -> set[str]:
    """See that no module imports another one that is not there; return all modules."""
    modules = closure((*core.first, *core.later, *core.asked))
    for name, path in modules.items():
        ours = {each for each in imports(ast.parse(path.read_text())) if each.startswith("sigroute")}
        assert ours <= set(modules) | but, name
    return set(modules)
