"""Modules as bytecode: ``python -ISB bytecode.py [FILE:NAME]...`` writes them to standard output.

With ``--each`` before them, each module is marshalled by itself, and can be carried by any other Python.

In a process of its own, as what marshal writes of an object depends on who else refers to it: so the
same source gives the same bytes, whatever this process has done before.
"""

from __future__ import annotations

import ast
import marshal
import sys
from pathlib import Path
from types import CodeType
from typing import TypeVar, cast

Value = TypeVar("Value")

#: Annotations are not evaluated (PEP 563): what ``from __future__ import annotations`` says.
ANNOTATIONS = 0x1000000


class Lean(ast.NodeTransformer):
    """Leaves out what a running program never looks at."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        """Leave out the import of __future__: a flag of compile() says the same."""
        return None if node.module == "__future__" else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Leave out the types of a function; a class keeps its own, which are the fields of a record."""
        node.returns = None
        arguments = node.args
        for each in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg):
            if each is not None:
                each.annotation = None
        self.generic_visit(node)
        return node


def bytecode(path: str, name: str) -> CodeType:
    """Return the code of a module: no docstrings, assertions, types, and no table of line numbers.

    Those are for tracebacks, and nobody is there to read one of PID 1's.
    """
    tree = Lean().visit(ast.parse(Path(path).read_bytes()))
    return lean(compile(tree, name, "exec", ANNOTATIONS, dont_inherit=True, optimize=2), {})


def lean(code: CodeType, seen: dict[object, object]) -> CodeType:
    """Return the code of a module or function, and of all that is defined in it, without line numbers.

    Equal constants and names are one object, which takes a tenth off the memory.

    :param seen: what the code of this module has had so far.
    """
    constants = tuple(lean(each, seen) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(
        co_consts=once(constants, seen), co_names=once(code.co_names, seen), co_linetable=b"",
        co_exceptiontable=once(code.co_exceptiontable, seen), co_qualname=code.co_name,
    )  # fmt: skip


def once(value: Value, seen: dict[object, object]) -> Value:
    """Return the first value that was equal to this one, and of the same types."""
    return cast("Value", seen.setdefault(kinds(value), value))


def kinds(value: object) -> object:
    """Return a key that is equal only for equal values of the same types: 1 and True are equal, and two constants."""
    if isinstance(value, (tuple, frozenset)):
        return type(value), *map(kinds, value)
    return type(value), value


if __name__ == "__main__":
    each_by_itself = sys.argv[1:2] == ["--each"]
    made: list[tuple[str, CodeType | bytes]] = []
    for word in sys.argv[2 if each_by_itself else 1 :]:
        path, _, name = word.rpartition(":")
        code = bytecode(path, name)
        made.append((name, marshal.dumps(code) if each_by_itself else code))
    sys.stdout.buffer.write(marshal.dumps(made, 2) if each_by_itself else marshal.dumps(made))
