"""The reduced Python has an import, a class statement and a posix of its own: what they do, beside Python's."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.runtime.bring_up.life import live
from tests.runtime.bring_up.test_ends import compiled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from tests.runtime.bring_up.life import Scene

    Running = Callable[[CodeType], Scene]

#: A marshalled code is run by the same Python only.
pytestmark = pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the runtime's Python is 3.11")

CLASSES = """
class Base:
    kept = 1
    def __init__(self, **given): self.__dict__ = given
    def __eq__(self, other): return type(self) is type(other) and self.__dict__ == other.__dict__
    def __hash__(self): return 7
    def __repr__(self): return "mine"
class Plain(Base):
    field: int
    more: str = "more"
    def method(self): return self.field
    @property
    def twice(self): return self.field * 2
class Lower(Plain):
    pass
class Callable(Plain):
    def __call__(self): return super().method() + 1
class Error(Exception):
    pass
class Keyword(Plain, metaclass=type):
    pass
"""

#: Each is what a class statement makes; the reduced Python and this one must agree.
SEEN = """[
    Plain.__name__, Plain.__qualname__, Plain.__module__, Plain.__bases__ == (Base,), Plain.__mro__[1:] == Base.__mro__,
    Plain.__annotations__, Lower.__dict__.get("__annotations__"), Plain.more, Plain.kept, Lower.__base__ is Plain,
    Plain(field=2).method(), Plain(field=2).twice, Lower(field=3).method(), Plain(field=1) == Plain(field=1),
    Plain(field=1) != Lower(field=1), hash(Lower()), repr(Lower()), len({Plain(field=1), Plain(field=1)}),
    Callable(field=4)(), hasattr(Plain(), "__call__"), isinstance(Lower(), Base), Base.__subclasses__() == [Plain],
    [each.__name__ for each in Plain.__subclasses__()], Keyword(field=5).method(), issubclass(Error, Exception),
    object.__new__(Lower).__dict__, sorted(Plain(a=1).__dict__), type(Plain) is type,
]"""


IMPORTS = """
top, below = type(sys)("top"), type(sys)("top.below")
sys.modules.update({"top": top, "top.below": below})
top.below, below.value = below, 3
def tried(text):
    names = {}
    try: exec(text, names)
    except ImportError as error: return f"{type(error).__name__}: {error}"[:30]
    return sorted(name for name in names if name != "__builtins__")
"""

#: Each is what an import statement does.
IMPORTED = """[
    tried("import sys"), tried("import top.below"), tried("import top.below as it; assert it.value == 3"),
    tried("from top import below; assert below.value == 3"), tried("from top.below import value"),
    tried("from top.below import other"), __import__("top.below") is top,
    __import__("top.below", {}, {}, ["x"]) is below,
]"""


def said(running: Running, code: str) -> str:
    """Return what the reduced Python raises, as the log has it."""
    (reason,) = live(running(compiled(code))).reasons
    return reason


@pytest.mark.parametrize(("before", "seen"), [(CLASSES, SEEN), (IMPORTS, IMPORTED)], ids=["class", "import"])
def test_a_statement_does_what_it_does_in_python(running: Running, before: str, seen: str) -> None:
    names: dict[str, object] = {"__name__": "engine", "sys": sys}
    exec(f"{before}\nfound = {seen}", names)
    code = f"__name__ = 'engine'\n{before}\nfound, expected = {seen}, {names['found']!r}\n"
    assert said(running, f"{code}raise KeyError([each for each in zip(found, expected) if each[0] != each[1]])") == (
        "KeyError([])"
    )


def test_what_is_not_loaded_cannot_be_imported(running: Running) -> None:
    assert said(running, "import absent") == "ImportError('absent')"


def test_posix_has_what_is_used_and_no_more(running: Running) -> None:
    code = "raise KeyError([name for name in ('abort', 'kill', 'fork', 'open', 'O_RDONLY') if hasattr(posix, name)])"
    assert said(running, code) == "KeyError(['abort', 'kill'])"


@pytest.mark.parametrize("when", ["early", ""])
def test_it_knows_whether_to_load_all_at_once(running: Running, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    monkeypatch.setenv("SIGROUTE_ENGINE", when)
    assert said(running, "raise KeyError(core.early())") == f"KeyError({bool(when)})"
