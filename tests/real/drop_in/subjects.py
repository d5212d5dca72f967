"""The inits under test: sigroute by each of the names, in each of the ways in which it can be called so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import sigroute
from tests.compiled import FORMS, compiled_as
from tests.real.drop_in.scenario import NAMES
from tests.real.require import need

#: A folder whose programs take sigroute's place: with /usr/bin the harness shows that it is steady.
INSTEAD = os.environ.get("SIGROUTE_DROP_IN")

COMMAND = """#!{python}
import sys
sys.path.insert(0, {root!r})
from sigroute.start import main
sys.exit(main())
"""


class Subjects:
    """Makes them once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if INSTEAD:
            return
        command = folder / "sigroute"
        command.write_text(COMMAND.format(python=sys.executable, root=str(Path(sigroute.__file__).parents[1])))
        command.chmod(0o755)
        for way in ("static", "script", "link"):
            (folder / way).mkdir()
        for name in NAMES:
            (folder / "link" / name).symlink_to(command)
            for form in FORMS:
                compiled_as(folder / form, name, name=name, form=form)

    def init(self, name: str, way: str) -> list[str]:
        """Return how one is called."""
        if INSTEAD:
            return [f"{INSTEAD}/{name}"]
        return [f"{self.folder}/sigroute", "--as", name] if way == "as" else [f"{self.folder}/{way}/{name}"]


#: Debian's packages with them.
PACKAGES = {"docker-init": "docker.io"}


def real(name: str) -> list[str]:
    """Return the program itself, which must be there."""
    need(Path("/usr/bin", name).exists(), f"{name}, of the package {PACKAGES.get(name, name)}")
    return [f"/usr/bin/{name}"]
