"""The answers of a compiled init: its version, its rules, and errors in its command line."""

from __future__ import annotations

import marshal
import sys

from sigroute.pid1.exit_codes import CANNOT_WRITE, SUCCESS, USAGE
from sigroute.pid1.kernel import output
from sigroute.pid1.kernel.mask import restore
from sigroute.pid1.log.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.entry.boot import Parts

USAGE_TEXT = """usage: {name} [--] COMMAND [ARG...]   be the init of this command, by the rules compiled in
       {name} --sigroute-rules       print these rules
       {name} --sigroute-version     tell which sigroute and which rules"""


def answer(words: list[str], parts: Parts) -> NoReturn:
    """Answer as an ordinary program, which a closed pipe ends."""
    restore()
    version, rules = marshal.loads(parts.read("about"))  # noqa: S302 - the seal of the file was checked
    if parts.form == "source":
        here = "{}.{}".format(*sys.version_info)
        version += f"this is {sys.implementation.name} {here}: it starts slower, from source\n"
    answers = {"--sigroute-version": version, "--sigroute-rules": rules}
    if words[0] not in answers:
        misused(f"it has no option {printable(words[0])} (what is for the command goes after --)")
    if len(words) > 1:
        misused(f"{words[0]} goes alone")
    tell(answers[words[0]])


def tell(text: str) -> NoReturn:
    """Write an answer, and end."""
    trouble = output.write(text, output.STDOUT)
    if trouble:
        complain(f"cannot write to standard output: {trouble}")
    output.end(CANNOT_WRITE if trouble else SUCCESS)


def misused(why: str) -> NoReturn:
    """Report an error in the command line, and end."""
    complain(f"{why}\n" + USAGE_TEXT.format(name=printable(sys.argv[1])))
    output.end(USAGE)


def complain(text: str) -> None:
    """Write an error. It waits for no reader, because a PID 1 that waits would not die of TERM."""
    output.complain(f"{printable(sys.argv[1])}: {text}\n")
