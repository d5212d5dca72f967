"""The start of the engine by rules, from what the watch hands over."""

from __future__ import annotations

import marshal

from sigroute.pid1.entry.command import UsageError, complete
from sigroute.pid1.kernel import surroundings
from sigroute.pid1.kernel.options import ADOPTS, ADOPTS_NOT, DEFAULT_INIT, NO_CONTROL
from sigroute.pid1.kernel.refusals import words as words_of
from sigroute.pid1.kernel.start import NONE, Start
from sigroute.pid1.log.log import LEVELS
from sigroute.pid1.plan import from_wire
from sigroute.pid1.watch import core
from sigroute.pid1.watch.supervise import supervise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from sigroute.pid1.kernel.options import InitOptions
    from sigroute.pid1.plan import Launch


def enter() -> NoReturn:
    """Supervise the children, from what the watch hands over to the end."""
    words, pid, pipe, told, adopted, first, level = core.before()
    name, *rest = [word.decode("utf-8", "replace") for word in words]
    if rest and rest[0].startswith("-") and rest[0] != "--":
        from sigroute.pid1.entry.about import answer  # noqa: PLC0415 - where it is needed only

        control = from_wire(*marshal.loads(core.part("plan"))).plan.control  # noqa: S302 - the payload's hash was checked
        answer(rest, name, text("version"), text("rules"), control)
    try:
        launch = launched(words[1:])
    except UsageError as error:
        from sigroute.pid1.entry.about import misused  # noqa: PLC0415 - as above

        misused(name, str(error))
    orphans = () if adopted is None else (ADOPTS if adopted else ADOPTS_NOT,)
    log_level, notes = with_level(level, launch.log_level)
    launch = launch.but(notes=(*orphans, *launch.notes, *notes), log_level=log_level)
    launch, init = with_control(launch)
    begun = Start(pid, pipe if pipe >= 0 else NONE, None) if pid else None
    supervise(launch, begun, handed=(first,) if told else None, init=init)


def with_control(launch: Launch) -> tuple[Launch, InitOptions]:
    """Return a launch and its options, with the control socket that the watch has opened, if there is one."""
    *descriptors, error = core.control()
    if error:
        path = launch.plan.control.decode("utf-8", "replace")
        return launch.but(
            notes=(*launch.notes, NO_CONTROL.format(path=path, reason=words_of(OSError(error, ""))))
        ), DEFAULT_INIT
    opened = launch.plan.control and min(descriptors) >= 0
    return launch, DEFAULT_INIT.but(control=tuple(descriptors)) if opened else DEFAULT_INIT


def text(part: str) -> str:
    """Return a part of the payload that is text."""
    return bytes(core.part(part)).decode("utf-8", "surrogateescape")


def launched(words: list[bytes]) -> Launch:
    """Return the plan with the command line.

    :raises UsageError: the rules do not fit it.
    """
    first, plan = marshal.loads(core.part("plan"))  # noqa: S302 - the payload's hash was checked
    launch = from_wire(first, plan)
    if launch.plan.templates:
        from sigroute.pid1.entry.expand import ready  # noqa: PLC0415 - where it is needed only

        launch = ready(launch)
    return launch.but(plan=complete(launch.plan, tuple(words[1:] if words[:1] == [b"--"] else words)))


def with_level(level: int, compiled: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of the log's level, and a note if the environment asks for a level that does not exist."""
    if level < len(LEVELS):
        return LEVELS[level], ()
    asked = surroundings.environment().get(b"SIGROUTE_LOG", b"").decode("utf-8", "replace")
    return compiled, (f"SIGROUTE_LOG={asked} is no level of the log: {', '.join(LEVELS)}",)
