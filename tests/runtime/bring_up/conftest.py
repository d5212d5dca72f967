"""The init and the child of these tests."""

from __future__ import annotations

import marshal
import platform
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.about import About
from sigroute.executable import executable
from sigroute.language import load, outline
from sigroute.pid1.plan import Launch
from sigroute.static import static_init
from sigroute.static.table import table_of
from tests.real.require import need
from tests.runtime.bring_up.life import RULES, Scene
from tests.runtime.built import built

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

#: What the code of these tests uses of posix.
USED = b"\0abort\0\0kill\0"


@pytest.fixture(scope="package", name="launch")
def _launch(tmp_path_factory: pytest.TempPathFactory) -> Launch:
    rules = tmp_path_factory.mktemp("rules") / "rules.toml"
    rules.write_text(RULES)
    return Launch(plan=outline(load(str(rules))), log_level="info")


@pytest.fixture(scope="package", name="init_and_child")
def _init_and_child(tmp_path_factory: pytest.TempPathFactory, launch: Launch) -> tuple[Path, Path]:
    need(shutil.which("gcc"), "gcc")
    folder = tmp_path_factory.mktemp("bring_up")
    init, child = folder / "init", folder / "child"
    init.write_bytes(static_init(launch, About("rules", ""), built(tmp_path_factory, platform.machine()).read_bytes()))
    init.chmod(0o755)
    source = Path(__file__).with_name("child.c")
    subprocess.run(["gcc", "-static", "-O2", "-o", child, source], check=True)
    return init, child


@pytest.fixture(name="scene")
def _scene(tmp_path: Path, init_and_child: tuple[Path, Path]) -> Scene:
    return Scene(tmp_path, *init_and_child)


@pytest.fixture(name="running")
def _running(scene: Scene, launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Callable[[CodeType], Scene]:
    """Make the scene's init run this code as its engine."""

    def running(code: CodeType) -> Scene:
        runtime = built(tmp_path_factory, platform.machine()).read_bytes()
        init = scene.folder / "init"
        parts = {"table": table_of(launch), "engine": marshal.dumps(code), "posix": USED}
        init.write_bytes(executable(runtime, parts))
        init.chmod(0o755)
        return Scene(scene.folder, init, scene.child)

    return running
