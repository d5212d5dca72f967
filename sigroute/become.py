"""The last step of a start: exec replaces this program by PID 1's, which runs by rules or stands in for another init.

The static sigroute has another form of this file (runtime/standalone/forms/become.py).
"""

from __future__ import annotations

import os
import posix
import sys
from typing import TYPE_CHECKING

from sigroute.handover import hand_over
from sigroute.pid1.exit_codes import CANNOT_RUN
from sigroute.pid1.kernel.options import DEFAULT_INIT
from sigroute.pid1.kernel.output import STDERR, end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sigroute.pid1.kernel.options import InitOptions
    from sigroute.pid1.plan import Launch


def run_by_rules(words: list[str], commands: Iterable[str]) -> int:
    """Become PID 1 with the rules of this command line. Return, with an exit code, only if that fails.

    :param commands: the other commands of sigroute: their first words.
    """
    from sigroute.patience import patient  # noqa: PLC0415 - a stand-in has no rules
    from sigroute.pid1.kernel.surroundings import subreaper  # noqa: PLC0415 - as above
    from sigroute.run import fail, parse, prepare  # noqa: PLC0415 - as above

    with patient():
        launch = prepare(parse(words), words, commands)
        launch = launch.but(notes=(*subreaper(), *launch.notes))
        launch, init = with_control(launch)
    try:
        hand_over(launch, init=init)
    except OSError as error:
        with patient():
            return fail(f"sigroute: cannot run {sys.executable} again: {error.strerror}", CANNOT_RUN)


def with_control(launch: Launch) -> tuple[Launch, InitOptions]:
    """Return a launch and its options, with the control socket open if there is one."""
    if not launch.plan.control:
        return launch, DEFAULT_INIT
    from sigroute.pid1.kernel.control_socket import begun  # noqa: PLC0415 - where there is one only

    return begun(launch)


def run_as(name: str, words: Sequence[str], before: Iterable[int]) -> int:
    """Become PID 1 in the place of this program. It returns only an exit code of an error.

    :param before: the signals that were blocked at the start.
    """
    from sigroute.pid1.compat.role import orphaned, prepare  # noqa: PLC0415 - rules stand in for nobody
    from sigroute.pid1.compat.routes_plan import plan_of  # noqa: PLC0415 - as above
    from sigroute.pid1.plan import Launch  # noqa: PLC0415 - as above
    from sigroute.stand_in import play  # noqa: PLC0415 - as above

    role = play(name, words, posix.environ, before)
    command = tuple(os.fsencode(word) for word in role.command)
    notes = (*prepare(role), *orphaned(role))
    launch = Launch(plan=plan_of(role.routes, command), notes=notes)
    try:
        hand_over(launch, role.start, role.init, role.says)
    except OSError as error:
        end(CANNOT_RUN, f"{name}: cannot run {sys.executable} again: {error.strerror}\n", STDERR)
