"""Modules that are read before the command is started, and loaded after: from then on no file is needed.

One that could not be opened then, for want of a descriptor, would be missing while a child runs.
"""

from __future__ import annotations

import posix
import sys
from _frozen_importlib_external import SourceFileLoader, cache_from_source, spec_from_file_location

from sigroute.pid1.kernel.refusals import optional, twice
from sigroute.pid1.kernel.surroundings import contents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec
    from typing import Any


class Kept(SourceFileLoader):
    """Loads one module of what was read when this was made."""

    def __init__(self, name: str, path: str) -> None:
        """Read its bytecode or, where there is none of it as it is, its source.

        :raises OSError: it can't be read.
        """
        super().__init__(name, path)
        self.stats = twice(super().path_stats, path)
        self.files: dict[str, bytes] = {}
        compiled = cache_from_source(path)
        try:
            self.files[compiled] = contents(compiled)
        except OSError:
            self.files[path] = contents(path)  # it was not compiled before
        else:
            if not is_of(self.files[compiled], self.stats["mtime"]):
                self.files[path] = contents(path)

    def path_stats(self, _path: str) -> Mapping[str, Any]:
        """Return what the file was like."""
        return self.stats

    def get_data(self, path: str) -> bytes:
        """Return what was in a file.

        :raises OSError: nothing was.
        """
        if path in self.files:
            return self.files[path]
        return super().get_data(path)


def is_of(bytecode: bytes, mtime: float) -> bool:
    """Tell whether bytecode was made of a source of that time, or does not say of what (PEP 552)."""
    return any(bytecode[4:8]) or bytecode[8:12] == (int(mtime) & 0xFFFFFFFF).to_bytes(4, "little")


class Finder:
    """Finds the modules of these folders."""

    def __init__(self, folders: dict[str, str]) -> None:
        """Read them; what can't be read is left to the others that find modules.

        :param folders: by the name of a package, its folder.
        """
        self.loaders: dict[str, Kept] = {}
        for package, folder in folders.items():
            optional(self._keep, package, folder)

    def _keep(self, package: str, folder: str) -> None:
        for file in posix.listdir(folder):
            name = f"{package}.{file.removesuffix('.py')}"
            if file.endswith(".py") and not file.startswith("__") and name not in sys.modules:
                try:
                    self.loaders[name] = Kept(name, f"{folder}/{file}")
                except OSError:
                    continue

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how a module is loaded; None for one of another package (importlib.abc.MetaPathFinder)."""
        loader = self.loaders.get(name)
        return None if loader is None else spec_from_file_location(name, loader.path, loader=loader)
