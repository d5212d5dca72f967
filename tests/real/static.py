"""Stands in for the command ``sigroute``: compiles a static init of the same options, and becomes it.

It takes the folder of the runtimes, then what sigroute takes. It keeps the inits beside that folder, as a test may ask
for the same one many times; where that can't be written, an init is in memory only (memfd_create(2)).
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

#: Ignored by CPython from its start. An exec keeps that (signal(7)).
IGNORED = (signal.SIGPIPE, signal.SIGXFSZ)

#: How many words each option of sigroute has. Nothing else is before the command.
OPTIONS = {
    "--as": 2,
    "--rules": 2,
    "--on": 2,
    "--log": 2,
    "--log-level": 2,
    "--journal": 2,
    "--control": 2,
    "--quiet": 1,
}


def main(before: AbstractSet[int]) -> None:
    """Become the init.

    :param before: the signals that were blocked.
    """
    folder, *words = sys.argv[1:]
    count = 0
    while words[count:] and words[count] in OPTIONS and "--as" not in words[:count]:
        count += OPTIONS[words[count]]
    options, command = words[:count], words[count:]
    path = f"{folder}.{key(options)}"
    init: str | int = path
    if not os.path.exists(path):  # noqa: PTH110 - pathlib takes longer than all of this
        init = compiled(folder, options, command, path)
    for number in IGNORED:
        signal.signal(number, signal.SIG_DFL)
    if "--as" in options:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)  # a stand-in may pass on what was blocked
    os.execve(init, ["sigroute", *command], given())


def key(options: list[str]) -> str:
    """Return a name for these options and what is in the file of rules."""
    words = [*options]
    with suppress(ValueError, OSError):
        place = words.index("--rules") + 1
        with open(words[place]) as file:  # noqa: PTH123 - as above
            words[place] = file.read()
    return hashlib.sha256("\0".join(words).encode(errors="surrogateescape")).hexdigest()[:16]


def compiled(folder: str, options: list[str], command: list[str], path: str) -> int:
    """Return the descriptor of an init, and keep that under this path."""
    import site  # noqa: PLC0415 - only where it is needed: Python has been started without (-S)

    site.main()
    from pathlib import Path  # noqa: PLC0415 - as above

    from sigroute import run  # noqa: PLC0415 - as above
    from sigroute.about import About  # noqa: PLC0415 - as above
    from sigroute.compile import write  # noqa: PLC0415 - as above
    from sigroute.language import RuleError, load, outline  # noqa: PLC0415 - as above
    from sigroute.pid1.plan import Launch  # noqa: PLC0415 - as above
    from sigroute.static import runtimes, static_init, static_role  # noqa: PLC0415 - as above

    runtimes.FOLDER = Path(folder)
    runtime = runtimes.runtime(runtimes.this_machine())
    if "--as" in options:
        data = static_role(options[1], About("as", ""), runtime)
    else:
        given = run.parse([*options, *command])
        try:
            plan = run.with_files(outline(load(given.rules, given.on)), given)
        except RuleError as error:
            raise SystemExit(run.fail(str(error), 78)) from None
        data = static_init(Launch(plan=plan, log_format=given.log, log_level=given.log_level), About("", ""), runtime)
    with suppress(OSError):
        write(Path(path), data)
    init = os.memfd_create("sigroute")
    with os.fdopen(os.dup(init), "wb") as file:
        file.write(data)
    return init


def given() -> dict[bytes, bytes]:
    """Return the environment without what CPython adds to it in the C locale (PEP 538)."""
    try:
        with open("/proc/self/environ", "rb") as file:  # noqa: PTH123 - as above
            words = file.read().split(b"\0")
    except OSError:
        return dict(os.environb)
    return {name: value for name, equals, value in (word.partition(b"=") for word in words) if equals}


if __name__ == "__main__":
    main(signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()))
