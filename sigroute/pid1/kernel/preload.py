"""Reading the modules of PID 1 before the child starts, and loading them afterwards.

So the child runs while they load, and no module can be missing then for want of a file descriptor.
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


#: Bytes, more than all modules need. The kernel provides only the pages that are used (mmap(2)).
ROOM = 4 << 20

#: The type of functions.
FUNCTION = type(twice)

#: What makes a folder a package.
INIT = "__init__.py"


class Files:
    """The contents of files in one block of memory. It is freed as a whole; many small blocks would leave holes."""

    def __init__(self) -> None:
        self.memory = memoryview(bytearray(ROOM))
        self.end = 0
        #: By path: what is left once the block is freed.
        self.kept: dict[str, bytes] = {}
        #: By path, where it begins and ends.
        self.places: dict[str, tuple[int, int]] = {}

    def read(self, path: str) -> bytes:
        """Read a file and keep its contents; return the first bytes.

        :raises OSError: it cannot be read, or is too large.
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
        """Return the contents of a file; None if it was not read."""
        if path in self.kept:
            return self.kept[path]
        begin, end = self.places.get(path, (0, 0))
        return bytes(self.memory[begin:end]) if end else None

    def forget(self, but: Iterable[str] = ()) -> None:
        """Free the memory of all files but these."""
        self.kept = {path: data for path in but if (data := self.get(path)) is not None}
        self.places.clear()
        self.memory = memoryview(b"")


class Kept(SourceFileLoader):
    """Loads a module from the contents that were read when this loader was made."""

    def __init__(self, name: str, path: str, files: Files) -> None:
        """Read the bytecode or, if that is missing or old, the source.

        :raises OSError: it can't be read.
        """
        super().__init__(name, path)
        self.stats = twice(super().path_stats, path)
        self.files = files
        try:
            head = files.read(cache_from_source(path))
        except OSError:
            head = b""  # there is no bytecode
        if not head or not is_of(head, self.stats["mtime"]):
            files.read(path)

    def exec_module(self, module: ModuleType) -> None:
        """Load the module, then drop all that this loader holds: the module keeps its loader for good."""
        super().exec_module(module)
        self.__dict__.clear()
        strip(module)

    def path_stats(self, _path: str) -> Mapping[str, Any]:
        """Return the source's time and size, as they were when it was read."""
        return self.stats

    def get_data(self, path: str) -> bytes:
        """Return the contents of a file.

        :raises OSError: it was not read.
        """
        kept = self.files.get(path)
        if kept is None:
            raise FileNotFoundError(path)  # the disk is not asked again
        return kept


def strip(module: ModuleType) -> None:
    """Forget the docstrings of a module, and the numbers of its lines, which are for tracebacks: PID 1 shows neither.

    A function has its docstring twice: its code has it, too, as the first constant.
    """
    module.__doc__ = None
    for value in module.__dict__.values():
        if getattr(value, "__module__", None) == module.__name__:
            strip_one(value)


def strip_one(value: Any) -> None:  # noqa: ANN401 - whatever a module defines
    """Forget those of a function, or of a class and its methods."""
    if isinstance(value, type):
        value.__doc__ = None
        for each in value.__dict__.values():
            if isinstance(each, FUNCTION):
                strip_one(each)
    elif isinstance(value, FUNCTION):
        code = value.__code__
        constants = code.co_consts
        if value.__doc__ is not None and constants[0] is value.__doc__:
            value.__doc__, constants = None, (None, *constants[1:])
        value.__code__ = code.replace(co_consts=constants, co_linetable=b"")


def is_of(bytecode: bytes, mtime: float) -> bool:
    """Return whether bytecode is of a source of that time, or is not checked by time (PEP 552)."""
    return any(bytecode[4:8]) or bytecode[8:12] == (int(mtime) & 0xFFFFFFFF).to_bytes(4, "little")


class Finder:
    """Finds the modules of a package and of its subpackages."""

    def __init__(self, package: str, folder: str, subpackages: Iterable[str]) -> None:
        """Read all their modules. Modules that cannot be read are left to the other finders.

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
        """Return the spec of a module; None if it was not read (importlib.abc.MetaPathFinder)."""
        loader = self.loaders.get(name)
        if loader is None:
            return None
        folder, _, file = loader.path.rpartition("/")
        spec = ModuleSpec(name, loader, is_package=file == INIT)  # without paths, which the module would keep for good
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(folder)
        return spec

    def forget(self, but: Iterable[str] = ()) -> None:
        """Free the memory, but for what these modules need, which may be loaded later. If none is left, remove this."""
        self.loaders = {name: self.loaders[name] for name in but if name in self.loaders}
        paths = [each.path for each in self.loaders.values()]
        self.files.forget([*paths, *map(cache_from_source, paths)])
        if not self.loaders:
            sys.meta_path.remove(self)
