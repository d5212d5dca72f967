"""The law of the two floors: what downstairs may import, and what it weighs."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

from sigroute.bundle import OPEN, START

ROOT = Path(__file__).parent.parent
DOWNSTAIRS = sorted((ROOT / "sigroute" / "pid1").rglob("*.py"))
ALLOWED = {"posix", "gc", "_imp", "_signal", "time", "sys", "marshal", "__future__"}

#: What makes system calls. pid1/kernel/ imports it, and beside it these alone.
CALLS = {"posix", "_signal", "time", "fcntl", "ctypes"}
BESIDE = {
    # Where these fail, nothing of kernel/ is loaded yet: the first code of a compiled init, and what loads that.
    "entry/boot.py": {"posix"},
    "OPEN": {"posix"},
    "START": {"_signal"},
}


def is_for_types(node: ast.stmt) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def imports(tree: ast.Module) -> set[str]:
    """Everything imported when the module runs, in functions too; what only the type checker sees is left out."""
    found = set()
    body = [each for node in tree.body for each in (node.orelse if is_for_types(node) else [node])]
    for node in body:
        for each in ast.walk(node):
            if isinstance(each, ast.Import):
                found |= {alias.name for alias in each.names}
            elif isinstance(each, ast.ImportFrom) and each.module:
                found.add(each.module)
    return found


#: Where it is needed, and nowhere else; none of it is loaded at the start (see below).
RARE = {
    # There is no other way to become a subreaper, which is for whoever is not PID 1, and to send a value with a signal,
    # which few ever do.
    "libc.py": {"ctypes"},
    # Nor is there another to set a limit, which few rules do.
    "limits.py": {"resource"},
    # Nor to have a descriptor tell by a signal.
    "telling.py": {"fcntl"},
    # Nor to keep a file for one process, which is for a journal.
    "journal_file.py": {"fcntl"},
    # Nor to learn who has sent a message, which is for children that say so when they are ready.
    "datagrams.py": {"_socket"},
    # Nor to have a socket with a path, which is for the control socket; it tells by a signal, too.
    "sockets.py": {"_socket"},
    # Nor to wait for several pipes, which is for the helper that tags output.
    "polling.py": {"select"},
    # Nor to ask the kernel for the state of connections, which few rules do.
    "netlink.py": {"_socket"},
    # The import system's own, frozen: it has been loaded with the interpreter.
    "preload.py": {"_frozen_importlib", "_frozen_importlib_external"},
    # Nor one to give up a terminal, as dumb-init does.
    "terminal.py": {"fcntl"},
}


def test_downstairs_imports_only_downstairs_and_builtins() -> None:
    for path in DOWNSTAIRS:
        allowed = ALLOWED | RARE.get(path.name, set())
        for name in imports(ast.parse(path.read_text())):
            assert name in allowed or name.startswith("sigroute.pid1"), f"{path}: {name}"


def test_only_the_kernel_room_makes_system_calls() -> None:
    pid1 = ROOT / "sigroute" / "pid1"
    texts = {str(path.relative_to(pid1)): path.read_text() for path in DOWNSTAIRS if path.parent.name != "kernel"}
    for name, text in {**texts, "OPEN": OPEN, "START": START}.items():
        assert imports(ast.parse(text)) & CALLS <= BESIDE.get(name, set()), name


def test_no_class_downstairs_has_a_hook_that_the_reduced_python_does_not_call() -> None:
    """Its class statement (runtime/src/build_class.c) leaves out what nobody here has."""
    for path in (ROOT / "sigroute" / "pid1").rglob("*.py"):
        defined = {node.name for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.FunctionDef)}
        assert not defined & {"__init_subclass__", "__set_name__", "__class_getitem__"}, path


def test_the_resident_finds_itself_at_the_root_of_the_file_system_too() -> None:
    """Where the package is /sigroute, and somewhere else is the current directory."""
    main = ROOT / "sigroute" / "pid1" / "entry" / "take_over.py"
    code = (
        f"import sys; sys.path.append({str(ROOT)!r}); names = {{'__file__': '/sigroute/pid1/entry/take_over.py'}}\n"
        f"exec(compile(open({str(main)!r}).read(), 'main', 'exec'), names); print(sys.path[0])"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "/\n"


def test_the_resident_loads_no_module_that_a_bare_interpreter_lacks() -> None:
    show = "; import sys; print(*sorted(sys.modules))"
    bare = subprocess.run(
        [sys.executable, "-I", "-S", "-c", "pass" + show], check=True, capture_output=True, text=True
    ).stdout.split()
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from sigroute.pid1.entry import supervise" + show
    full = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], check=True, capture_output=True, text=True
    ).stdout.split()
    extra = {name for name in full if not name.startswith("sigroute")} - set(bare)
    assert extra <= ALLOWED | {"errno"}


def test_no_file_imports_in_a_circle() -> None:
    """Not for types either: whoever reads one file of a circle has to read them all."""
    graph = {}
    for path in [each for folder in ("sigroute", "runtime", "bench") for each in (ROOT / folder).rglob("*.py")]:
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        graph[name] = set(named(ast.parse(path.read_text())))
    for name, others in graph.items():  # what a package hands on is its own; it is loaded before what is in it
        graph[name] = {each for each in others & graph.keys() if not name.startswith(f"{each}.")} - {name}
    graphlib.TopologicalSorter(graph).prepare()


def named(tree: ast.Module) -> Iterator[str]:
    """Yield what is imported, and what may be a module of it."""
    for each in ast.walk(tree):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom) and each.module:
            yield each.module
            yield from (f"{each.module}.{alias.name}" for alias in each.names)


def test_no_pattern_has_a_possessive_group() -> None:
    """CPython before 3.11.5 matches such a one wrongly (gh-106052), and Debian 12 has 3.11.2."""
    for path in (ROOT / "sigroute").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not re.search(r"\)(?:[*+?]|\{[0-9,]+\})\+", node.value), f"{path}:{node.lineno}"


def test_no_file_has_over_300_lines() -> None:
    """One idea per file: what is longer has two."""
    for folder in ("sigroute", "runtime", "bench", "tests", "docs"):
        for path in sorted(each for ending in ("py", "c", "h", "S") for each in (ROOT / folder).rglob(f"*.{ending}")):
            assert len(path.read_text().splitlines()) <= 300, path


def test_no_merge_has_left_its_marks() -> None:
    for name in subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.split():
        path = ROOT / name
        if path.suffix in (".py", ".md", ".toml", ".txt", ".c", ".h", ".S"):
            assert not re.search(r"^(<{7}|={7}|>{7})( |$)", path.read_text(), re.MULTILINE), name
