"""Modules that are read before the command is started, and loaded after: from then on no file is needed.

One that could not be opened then, for want of a descriptor, would be missing while a child runs.
"""

from __future__ import annotations

import posix
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import SourceFileLoader, cache_from_source

from sigroute.pid1.kernel.refusals import optional, twice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import ModuleType
    from typing import Any


#: Bytes: more than all modules have. What is not used of it is never there (mmap(2)).
ROOM = 4 << 20

#: What makes a folder a package.
INIT = "__init__.py"


class Files:
    """What was in some files, in one piece of memory, which is given back as a whole: many small ones leave holes."""

    def __init__(self) -> None:
        self.memory = memoryview(bytearray(ROOM))
        self.end = 0
        #: By path, where it begins and ends.
        self.places: dict[str, tuple[int, int]] = {}

    def read(self, path: str) -> bytes:
        """Read a file, and keep it; return its first bytes.

        :raises OSError: it can't be read, or there is no room for it.
        """
        begin = self.end
        fd = twice(posix.open, path, posix.O_RDONLY | posix.O_CLOEXEC)
        try:
            while number := twice(posix.readv, fd, [self.memory[self.end :]]):
                self.end += number
        finally:
            optional(posix.close, fd)
        if self.end == ROOM:
            raise OSError
        self.places[path] = begin, self.end
        return bytes(self.memory[begin : min(begin + 16, self.end)])

    def get(self, path: str) -> bytes | None:
        """Return what was in a file that was read."""
        begin, end = self.places.get(path, (0, 0))
        return bytes(self.memory[begin:end]) if end else None

    def forget(self) -> None:
        """Give the memory back."""
        self.places.clear()
        self.memory = memoryview(b"")


class Kept(SourceFileLoader):
    """Loads one module of what was read when this was made."""

    def __init__(self, name: str, path: str, files: Files) -> None:
        """Read its bytecode or, where there is none of it as it is, its source.

        :raises OSError: it can't be read.
        """
        super().__init__(name, path)
        self.stats = twice(super().path_stats, path)
        self.files = files
        try:
            head = files.read(cache_from_source(path))
        except OSError:
            head = b""  # it was not compiled before
        if not head or not is_of(head, self.stats["mtime"]):
            files.read(path)

    def exec_module(self, module: ModuleType) -> None:
        """Load it, and forget how: the module keeps its loader for good."""
        super().exec_module(module)
        self.__dict__.clear()

    def path_stats(self, _path: str) -> Mapping[str, Any]:
        """Return what the file was like."""
        return self.stats

    def get_data(self, path: str) -> bytes:
        """Return what was in a file.

        :raises OSError: nothing was.
        """
        kept = self.files.get(path)
        if kept is None:
            raise FileNotFoundError(path)  # it was not there before, and is not looked for now
        return kept


def is_of(bytecode: bytes, mtime: float) -> bool:
    """Tell whether bytecode was made of a source of that time, or does not say of what (PEP 552)."""
    return any(bytecode[4:8]) or bytecode[8:12] == (int(mtime) & 0xFFFFFFFF).to_bytes(4, "little")


class Finder:
    """Finds the modules of a package and of its subpackages."""

    def __init__(self, package: str, folder: str, subpackages: Iterable[str]) -> None:
        """Read them; what can't be read is left to the others that find modules.

        :param folder: where the package is; a subpackage has a folder of its name in there.
        """
        self.files = Files()
        self.loaders: dict[str, Kept] = {}
        optional(self._keep, package, folder)
        for each in subpackages:
            optional(self._keep, f"{package}.{each}", f"{folder}/{each}")

    def _keep(self, package: str, folder: str) -> None:
        for file in posix.listdir(folder):
            name = package if file == INIT else f"{package}.{file.removesuffix('.py')}"
            if file.endswith(".py") and name not in sys.modules:
                try:
                    self.loaders[name] = Kept(name, f"{folder}/{file}", self.files)
                except OSError:
                    continue

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Return how a module is loaded; None for one of another package (importlib.abc.MetaPathFinder)."""
        loader = self.loaders.get(name)
        if loader is None:
            return None
        folder, _, file = loader.path.rpartition("/")
        spec = ModuleSpec(name, loader, is_package=file == INIT)  # without paths, which the module would keep for good
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(folder)
        return spec

    def forget(self) -> None:
        """Find nothing any more, and give the memory back."""
        sys.meta_path.remove(self)
        self.loaders.clear()
        self.files.forget()
