"""Static inits for each machine, and ways to run them."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.about import About
from sigroute.language import load, outline
from sigroute.pid1.plan import Launch
from sigroute.static import static_init
from tests.real.require import need
from tests.runtime.built import built

if TYPE_CHECKING:
    import pytest

#: How many parts the payload of an init has.
PARTS = 6


@dataclass(frozen=True)
class Init:
    """An init, and what has to run it on this machine."""

    path: Path
    runner: tuple[str, ...] = ()

    @property
    def native(self) -> bool:
        return not self.runner

    def at(self, path: Path) -> Init:
        """Return one that is elsewhere."""
        return Init(path, self.runner)

    def copy(self, path: Path) -> Init:
        return self.at(Path(shutil.copy(self.path, path)))

    def run(self, *words: str | Path, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run a command under it."""
        command = [*before, *self.runner, self.path, *words]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def init_for(machine: str, factory: pytest.TempPathFactory) -> Init:
    """Return an init for this machine; skip the test where it can neither be built nor run here."""
    runner: tuple[str, ...] = ()
    if machine != platform.machine():
        emulator = shutil.which(f"qemu-{machine}-static")
        need(emulator, f"qemu-{machine}-static (Debian: qemu-user-static)")
        runner = (str(emulator),)
    path = factory.mktemp("init") / "init"
    launch = Launch(plan=outline(load("default")), log_level="error")
    path.write_bytes(static_init(launch, About("rules", ""), built(factory, machine).read_bytes()))
    path.chmod(0o755)
    return Init(path, runner)
