"""The answers of a compiled init: its version, its rules, and errors in its command line."""

from __future__ import annotations

from sigroute.pid1.exit_codes import CANNOT_WRITE, SUCCESS, UNAVAILABLE, USAGE
from sigroute.pid1.kernel import output
from sigroute.pid1.kernel.restore import restore
from sigroute.pid1.log.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

USAGE_TEXT = """usage: {name} [--] COMMAND [ARG...]   be the init of this command, by the rules compiled in
       {name} --sigroute-rules       print these rules
       {name} --sigroute-version     tell which sigroute and which rules
       {name} --sigroute COMMAND...  ask the one that runs: status, metrics, send NAME SIGNAL,
                                     stop NAME, start NAME, restart NAME, events --follow"""


def answer(words: list[str], name: str, version: str, rules: str, control: bytes = b"") -> NoReturn:
    """Answer as an ordinary program, which a closed pipe ends.

    :param name: our own, for messages.
    :param control: the path of the control socket; empty: there is none.
    """
    restore()
    if words[0] == "--sigroute":
        ask(words[1:], name, control)
    answers = {"--sigroute-version": version, "--sigroute-rules": rules}
    if words[0] not in answers:
        misused(name, f"it has no option {printable(words[0])} (what is for the command goes after --)")
    if len(words) > 1:
        misused(name, f"{words[0]} goes alone")
    tell(name, answers[words[0]])


def ask(words: list[str], name: str, control: bytes) -> NoReturn:
    """Ask the sigroute that runs by these rules, and end with the code of its answer."""
    if not control:
        complain(name, "it has no control socket: give its rules one, by [control] path")
        output.end(UNAVAILABLE)
    if not words:
        misused(name, "ask for what?")
    from sigroute.pid1.kernel import asking  # noqa: PLC0415 - only then is it in the file

    output.end(asking.run(printable(name), control, [word.encode("utf-8", "surrogateescape") for word in words]))


def tell(name: str, text: str) -> NoReturn:
    """Write an answer, and end."""
    trouble = output.write(text, output.STDOUT)
    if trouble:
        complain(name, f"cannot write to standard output: {trouble}")
    output.end(CANNOT_WRITE if trouble else SUCCESS)


def misused(name: str, why: str) -> NoReturn:
    """Report an error in the command line, and end."""
    complain(name, f"{why}\n" + USAGE_TEXT.format(name=printable(name)))
    output.end(USAGE)


def complain(name: str, text: str) -> None:
    """Write an error. It waits for no reader, because a PID 1 that waits would not die of TERM."""
    output.complain(f"{printable(name)}: {text}\n")
