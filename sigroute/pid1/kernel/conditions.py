"""Finding out whether a child is to be started (``only-if``), in a forked process: a path may hang.

PID 1 loads this only if there are conditions. The process has the variables that the child would get; it looks at paths
with sigroute's own rights, before it makes these variables. Its exit code is the answer: 0, or the number of the first
condition that does not hold.
"""

from __future__ import annotations

import posix

from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel import spawn
from sigroute.pid1.kernel.output import end
from sigroute.pid1.kernel.refusals import words
from sigroute.pid1.kernel.restore import restore
from sigroute.pid1.kernel.start import CannotRunError, Start
from sigroute.pid1.kernel.surroundings import environment
from sigroute.pid1.kernel.terminal import close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.condition import Condition
    from sigroute.pid1.plan import World

#: Values of a variable that is switched off, in lower case.
OFF = (b"", b"0", b"false", b"no", b"off")


def begin(
    conditions: tuple[Condition, ...], world: World | None, avoided: frozenset[int] = frozenset()
) -> Start | CannotRunError:
    """Make a process that looks, or return why that is not possible. It is not waited for.

    :param world: what the child finds; None: all as sigroute has it.
    :param avoided: the pids that it must not have.
    """
    try:
        reader, writer = spawn.pipe()
        try:
            pid = spawn.fork(avoided)
            if not pid:
                _look(conditions, world, writer)
        except OSError:
            close(reader)
            raise
        finally:
            close(writer)
    except OSError as error:
        return CannotRunError(error.errno or 0, words(error), "fork")
    spawn.lead(pid)
    return Start(pid, reader, None)


def _look(conditions: tuple[Condition, ...], world: World | None, writer: int) -> NoReturn:
    """Look, in the forked process, and end with the answer. What keeps it from looking goes into the pipe."""
    code = CANNOT_RUN
    try:
        posix.setpgid(0, 0)
        restore()
        code = first_unmet(conditions, world)
    except CannotRunError as error:
        posix.write(writer, spawn.described(error))
    except BaseException as error:  # noqa: BLE001 - a second sigroute must not go on from here
        posix.write(writer, spawn.described(CannotRunError(0, repr(error))))
    finally:
        end(code)


def first_unmet(conditions: tuple[Condition, ...], world: World | None) -> int:
    """Return the number of the first condition that does not hold, counted from 1; 0: all hold.

    :raises CannotRunError: the child could not get its environment.
    """
    unmet = [number for number, each in enumerate(conditions, 1) if is_path(each) and exists(each) == each.negated]
    if not unmet and not all(map(is_path, conditions)):
        environ = environment() if world is None else variables(world)
        unmet = [
            number
            for number, each in enumerate(conditions, 1)
            if not (is_path(each) or holds(each, environ.get(each.what, b"")))
        ]
    return unmet[0] if unmet else 0


def variables(world: World) -> dict[bytes, bytes]:
    """Return the environment of a child with this world.

    :raises CannotRunError: its user or a file is missing.
    """
    from sigroute.pid1.kernel import identity  # noqa: PLC0415 - whoever has worlds has loaded it (world.py)
    from sigroute.pid1.kernel.variables import environment as made  # noqa: PLC0415 - as above

    return made(world, environment(), identity.granted(world).variables)


def is_path(condition: Condition) -> bool:
    """Tell whether a condition is of a path."""
    return condition.what[:1] == b"/"


def exists(condition: Condition) -> bool:
    """Tell whether a path exists; a symbolic link without its target does not, nor does what can't be reached."""
    try:
        posix.stat(condition.what)
    except OSError:
        return False
    return True


def holds(condition: Condition, value: bytes) -> bool:
    """Tell whether the condition of a variable holds.

    :param value: what the variable has; empty: it may be unset.
    """
    if not condition.values:
        return (value.lower() not in OFF) != condition.negated
    return any(fits(value, each) for each in condition.values) != condition.negated


def fits(value: bytes, pattern: bytes) -> bool:
    """Tell whether a value is as a pattern says."""
    text = pattern.removeprefix(b"*")
    open_before, open_after = text != pattern, text.endswith(b"*")
    text = text.removesuffix(b"*")
    if open_before and open_after:
        return text in value
    if open_before:
        return value.endswith(text)
    return value.startswith(text) if open_after else value == text
