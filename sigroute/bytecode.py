"""Modules as bytecode: ``python -ISB bytecode.py [FILE:NAME]...`` writes them to standard output.

In a process of its own, as what marshal writes of an object depends on who else refers to it: so the
same source gives the same bytes, whatever this process has done before.
"""

from __future__ import annotations

import ast
import marshal
import sys
from pathlib import Path
from types import CodeType

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
    return without_lines(compile(tree, name, "exec", ANNOTATIONS, dont_inherit=True, optimize=2))


def without_lines(code: CodeType) -> CodeType:
    """Return the code of a module or function, and of all that is defined in it, without line numbers."""
    constants = tuple(without_lines(each) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_consts=constants, co_linetable=b"")


if __name__ == "__main__":
    made = []
    for word in sys.argv[1:]:
        path, _, name = word.rpartition(":")
        made.append((name, bytecode(path, name)))
    sys.stdout.buffer.write(marshal.dumps(made))
