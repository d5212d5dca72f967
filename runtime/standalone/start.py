"""The start of the command line in the static sigroute: importlib over a part of the payload, then sigroute.cli.

The runtime has a reduced Python, without importlib and without standard streams (runtime/src/python.c). This makes up
for it, as Python's own start does (Python/pylifecycle.c).
"""

import _imp
import builtins
import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any

core = sys.modules["sigroute.pid1.watch.core"]
library = core.part("library")
begin = 8 + int.from_bytes(library[:8], "little")

#: By name: whether it is a package, where its code begins, and how long that is.
index: dict[str, tuple[bool, int, int]] = marshal.loads(library[8:begin])


def code_of(name: str) -> "CodeType":
    """Return the code of a module."""
    _, offset, size = index[name]
    code: CodeType = marshal.loads(library[begin + offset : begin + offset + size])
    return code


class Library:
    """Finds and loads modules in the payload (importlib.abc.MetaPathFinder, importlib.abc.Loader)."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> object:
        """Return the spec of a module, if it is there."""
        if name not in index:
            return None
        return bootstrap.ModuleSpec(name, Library, origin="payload", is_package=index[name][0])

    @staticmethod
    def create_module(_spec: object) -> None:
        """Have importlib create it."""

    @staticmethod
    def exec_module(module: "ModuleType") -> None:
        """Run the code of a module."""
        module.__file__ = f"/{module.__name__}"  # absolute, so that nobody asks for the working directory
        exec(code_of(module.__name__), module.__dict__)


def add_importlib() -> "ModuleType":
    """Have ``import`` find the built-in modules and those of the payload; return importlib._bootstrap."""
    made = type(sys)("_frozen_importlib")
    made.__dict__["__builtins__"] = builtins
    exec(code_of("importlib._bootstrap"), made.__dict__)
    sys.modules["_frozen_importlib"] = made
    more = {"_imp", "fcntl", "gc", "marshal", "posix", "time"}
    sys.builtin_module_names = tuple(sorted({*sys.builtin_module_names, *more}))
    sys.meta_path, sys.path, sys.path_hooks, sys.path_importer_cache = [], [], [], {}
    made._setup(sys, _imp)
    finders: list[Any] = [made.BuiltinImporter, Library]
    sys.meta_path = finders
    builtins.__import__ = made.__import__
    del sys.modules["encodings"]  # the runtime's is empty
    return made


def add_streams() -> None:
    """Make sys.stdin, sys.stdout, sys.stderr, and open()."""
    import io

    builtins.open = io.open
    for number, name, mode, errors in (
        (0, "stdin", "r", "surrogateescape"),
        (1, "stdout", "w", "surrogateescape"),
        (2, "stderr", "w", "backslashreplace"),
    ):
        try:
            posix.fstat(number)
            stream = open(number, mode, encoding="utf-8", errors=errors, closefd=False)
        except OSError:
            stream = None
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def run() -> int:
    """Do what the command line says; return the exit code."""
    import gc

    from sigroute import cli

    gc.disable()  # as sigroute/start.py does
    try:
        return cli.main([number for number in range(1, 65) if core.blocked() >> (number - 1) & 1])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except (MemoryError, SystemError):  # parts of CPython report a lack of memory by the second
        complain("there is too little memory")
    except BaseException:
        sys.excepthook(*sys.exc_info())
    return 126


def complain(why: str) -> None:
    """Say why nothing can be run."""
    posix.write(2, f"{sys.argv[0]}: cannot run: {why}\n".encode(errors="surrogateescape"))


def flush() -> None:
    """Write what the streams still hold."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream:
                stream.flush()
        except OSError:
            pass


sys.dont_write_bytecode = True
sys.prefix = sys.base_prefix = sys.exec_prefix = sys.base_exec_prefix = sys.executable = ""
sys.warnoptions, sys._xoptions = [], {}
sys.argv = [word.decode("utf-8", "surrogateescape") for word in core.before()[0]]
sys.orig_argv = list(sys.argv)
bootstrap = add_importlib()
core.ready()  # the time is not limited any more (guard.h)

add_streams()
status = run()
flush()
posix._exit(status)
