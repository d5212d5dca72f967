"""Compiles modules with all that they import: ``PYTHON -ISB freeze.py`` reads what is wanted, as JSON, from its input.

It imports them as the static sigroute will: with only those built-in modules that it has. So what a module imports
where its first choice is missing is found, too. The Python that runs this has the standard library of the linked one.
"""

from __future__ import annotations

import ast
import json
import marshal
import sys
from importlib import import_module
from importlib.machinery import BuiltinImporter, FileFinder, ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import spec_from_loader
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

#: The module that only the static executable has.
CORE = "sigroute.pid1.watch.core"

#: importlib, which every Python has in another way.
ALWAYS = ("importlib._bootstrap", "importlib._bootstrap_external")


class Text(SourceFileLoader):
    """Loads a module from a text."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, f"<{name}>")
        self.text = text

    def get_data(self, path: str) -> bytes:  # noqa: ARG002 - importlib's own
        """Return the text."""
        return self.text.encode()

    def path_stats(self, path: str) -> dict[str, object]:
        """Say that there is no file, and so no bytecode of it."""
        raise OSError(path)


class Finder:
    """Finds what the static sigroute will have, and keeps what was found (importlib.abc.MetaPathFinder)."""

    def __init__(self, built_in: list[str], instead: dict[str, str]) -> None:
        self.built_in = built_in
        self.instead = instead
        self.found: dict[str, tuple[bool, bytes]] = {}
        """By name: whether it is a package, and its source."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """Return the spec of a module, if it is there."""
        if name in self.built_in:
            return BuiltinImporter.find_spec(name, path, target)  # type: ignore[arg-type]
        if name in self.instead:
            self.found[name] = False, self.instead[name].encode()
            return spec_from_loader(name, Text(name, self.instead[name]))
        spec = PathFinder.find_spec(name, path, target)  # type: ignore[arg-type]
        if spec is not None and spec.origin is not None:
            self.found[name] = spec.submodule_search_locations is not None, Path(spec.origin).read_bytes()
        return spec


def imported_later(source: bytes) -> Iterator[str]:
    """Yield what a module imports when one of its functions is called."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module:
                    yield node.module


def core() -> ModuleType:
    """Return a module in the place of CORE: each function returns an empty part of a payload."""
    made = type(sys)(CORE)

    def get(name: str) -> object:
        return None if name.startswith("__") else lambda *_: marshal.dumps({})

    made.__dict__["__getattr__"] = get
    return made


def import_all(names: list[str], finder: Finder) -> None:
    """Import these, with all that sigroute imports later."""
    waiting, done = list(names), {CORE}
    while waiting:
        name = waiting.pop()
        if name in done:
            continue
        done.add(name)
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name or name.startswith("sigroute"):
                raise
        for each, (_, source) in list(finder.found.items()):
            if each.startswith("sigroute"):
                waiting += imported_later(source)


def main() -> None:
    """Write the modules by name, each with whether it is a package, and its code (marshal)."""
    wanted = json.load(sys.stdin)
    sys.path[:0] = wanted["folders"]
    from sigroute.bytecode import lean  # noqa: PLC0415 - it is in one of these folders

    kept = {"__main__", "sys", "builtins", "_frozen_importlib", "_frozen_importlib_external", *wanted["built_in"]}
    for name in [name for name in sys.modules if name not in kept]:
        del sys.modules[name]
    sys.modules[CORE] = core()
    finder = Finder(wanted["built_in"], wanted["instead"])
    sys.path_hooks[:] = [FileFinder.path_hook((SourceFileLoader, [".py"]))]
    sys.path_importer_cache.clear()
    sys.meta_path[:] = [finder]
    import_all(wanted["modules"], finder)
    for each in ALWAYS:
        finder.find_spec(each, import_module("importlib").__path__)
    made = {}
    for name, (is_package, source) in sorted(finder.found.items()):
        code = compile(source, name, "exec", dont_inherit=True, optimize=1 if name in wanted["documented"] else 2)
        # A traceback of our own shows lines; nobody needs those of the standard library.
        made[name] = is_package, marshal.dumps(code if name.startswith("sigroute") else lean(code, {}))
    sys.stdout.buffer.write(marshal.dumps(made, 2))


main()
