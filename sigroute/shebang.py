"""The first line of a compiled init that a Python runs."""

from __future__ import annotations

#: Linux takes no more of the first line before 5.1 (execve(2), "Interpreter scripts").
LONGEST_LINE = 127

DEFAULT_SHEBANG = "/usr/bin/env -S --block-signal python3"
"""env blocks all signals, so none is lost while Python starts (env(1), coreutils 8.31 or newer)."""

PROGRAM = "import sys;f=open(sys.argv[1],'rb');exec(f.read(4096));start()"
"""The file is opened once, because another may replace it at any moment."""


class ShebangError(Exception):
    """The kernel cannot run a file with such a first line."""


def first_line(shebang: str) -> str:
    """Return the first line of an init for this interpreter.

    The kernel passes at most one argument, blanks included (execve(2)). ``env -S`` splits it.

    :param shebang: a path; after ``env -S`` also words.
    :raises ShebangError: the kernel cannot run that.
    """
    words = shebang.removeprefix("#!").split()
    if not words or not words[0].startswith("/"):
        message = "it must begin with the absolute path of a program"
        raise ShebangError(message)
    if not shebang.isascii():
        message = "it must be ASCII, for a Python of any locale"
        raise ShebangError(message)
    splits = len(words) > 1 and words[1].startswith(("-S", "--split-string"))
    if splits and words[1:] in (["-S"], ["--split-string"]):
        message = "env -S needs a program to run"
        raise ShebangError(message)
    if len(words) > 1 and not splits:
        message = "more than a path needs env -S to split it, as the kernel passes on one word"
        raise ShebangError(message)
    line = f'#!{" ".join(words)} -ISBXutf8 -c "{PROGRAM}"' if splits else f"#!{words[0]} -ISBc{PROGRAM}"
    if len(line) > LONGEST_LINE:
        message = f"it must be {len(line) - LONGEST_LINE} characters shorter: some kernels read no more of the line"
        raise ShebangError(message)
    return line
