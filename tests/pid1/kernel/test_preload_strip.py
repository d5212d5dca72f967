"""Docstrings that PID 1 does not keep, under each Python that is here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.real.test_other_pythons import pythons

ROOT = Path(__file__).parent.parent.parent.parent

PROGRAM = '''
import sys
sys.path.insert(0, sys.argv[1])
from types import ModuleType
from sigroute.pid1.kernel.preload import strip
TEXT = """
'of the module'
import other
def has_one(a=1):
    "its docstring"
    return "text", a
def has_none(a=1):
    return "its text", a
def text_first():
    x = "first"
    return x
def only_doc():
    "only"
class Kind:
    "of the class"
    def method(self):
        "of the method"
        return "m"
    def plain(self):
        return "plain"
imported = other.function
"""
other = ModuleType("other")
exec("def function():\\n    'kept'\\n    return 1", other.__dict__)
sys.modules["other"] = other
made = ModuleType("made")
exec(TEXT, made.__dict__)
strip(made)
Kind = made.Kind
assert made.__doc__ is None
for each in (made.has_one, made.has_none, made.text_first, made.only_doc, Kind, Kind.method, Kind.plain):
    assert each.__doc__ is None, each
for each in (made.has_one, made.only_doc, Kind.method):
    assert not {"its docstring", "only", "of the method"} & {*each.__code__.co_consts}, each
assert made.has_one() == ("text", 1) and made.has_none(2) == ("its text", 2)
assert made.text_first() == "first" and made.only_doc() is None
assert Kind().method() == "m" and Kind().plain() == "plain"
assert other.function.__doc__ == "kept"
'''


@pytest.mark.parametrize("number", sorted(each for each in pythons() if each >= (3, 11)), ids=str)
def test_docstrings_go_and_texts_stay(number: tuple[int, ...]) -> None:
    subprocess.run([pythons()[number], "-I", "-S", "-c", PROGRAM, str(ROOT)], check=True, timeout=60)
