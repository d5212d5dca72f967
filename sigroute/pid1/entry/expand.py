"""Variables in rules: values of the plan that are made of sigroute's own environment, once, before anything starts.

It is loaded only for a plan with templates.
"""

from __future__ import annotations

from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.kernel import output
from sigroute.pid1.kernel.surroundings import environment
from sigroute.pid1.log.printable import printable
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sigroute.pid1.plan import Launch, Plan, Template

    Target = tuple[str | int | bytes, ...]

    Trouble = tuple[str, str]
    """Why a value can't be made, and a way out."""

#: What an ``output`` may be that is no path.
OUTPUTS = (b"inherit", b"null")

#: Milliseconds of each unit, and of the longest duration; the most digits of a number in one.
UNITS = {b"h": 3_600_000, b"m": 60_000, b"s": 1_000, b"ms": 1}
LONGEST = 8_760 * UNITS[b"h"]
DIGITS = 12

#: The most characters of a value that are shown.
MOST_SHOWN = 60


class VariablesError(Exception):
    """Some values can't be made. Its text has two lines for each: why, and a way out."""


def ready(launch: Launch) -> Launch:
    """Return the launch with all values made. If that is not possible, say why and end."""
    try:
        return launch.but(plan=expanded(launch.plan, environment()))
    except VariablesError as error:
        output.complain(f"{error}\n")
        output.end(BAD_RULES)


def expanded(plan: Plan, environ: dict[bytes, bytes]) -> Plan:
    """Return the plan with all values made.

    :raises VariablesError: some can't be.
    """
    told: dict[str, int] = {}
    for template in reversed(plan.templates):  # words take any number of places: those before them keep theirs
        text, trouble = text_of(template, environ)
        words = tuple(text.split()) if template.becomes == "words" else (value_of(text, template.becomes),)
        trouble = trouble or trouble_of(text, template.becomes)
        if not words and len(within(plan, template.target[:-1])) == 1:
            trouble = "no word of the command is left", "name the program to run beside the variable"
        if trouble:
            line = int(template.place.rpartition(":")[2])
            told[f"{template.place}: {trouble[0]} in {template.key}\n      {trouble[1]}"] = line
        else:
            plan = put(plan, template.target, words)
    if told:
        raise VariablesError("\n".join(sorted(told, key=told.__getitem__)))
    return plan.but(templates=())


def text_of(template: Template, environ: dict[bytes, bytes]) -> tuple[bytes, Trouble | None]:
    """Return the text of a template."""
    text = b""
    for part in template.parts:
        if isinstance(part, bytes):
            text += part
            continue
        name, default = part
        value = environ.get(name)
        if value is None and default is None and template.becomes != "words":
            unset = name.decode()
            return b"", (f"{unset} is not set", f"set it, or say what it is otherwise: ${{{unset}:-VALUE}}")
        text += (value if default is None else value or default) or b""
    return text, None


def trouble_of(text: bytes, becomes: str) -> Trouble | None:
    """Return what is wrong with a text for what it is to become."""
    user, colon, group = text.partition(b":")
    if becomes in ("user", "group") and (not user or (colon and not group) or b":" in group):
        return f"{shown(text)} is no user", "a name or a number, perhaps with a colon and a group after it"
    if becomes == "path" and text[:1] != b"/":
        return f"{shown(text)} is no absolute path", "it begins with /"
    if becomes == "output" and text not in OUTPUTS and text[:1] != b"/":
        return f"{shown(text)} is no output", "it is inherit, null, or an absolute path"
    if becomes == "duration" and milliseconds_of(text) is None:
        return f"{shown(text)} is no duration", "a number and its unit, as in 5s, 1m30s or 250ms; a year at most"
    return None


def value_of(text: bytes, becomes: str) -> bytes | int | None:
    """Return what a text becomes: of ``user:group`` one of them, of a duration its milliseconds."""
    if becomes == "duration":
        return milliseconds_of(text)
    return text.partition(b":")[0 if becomes == "user" else 2] if becomes in ("user", "group") else text


def milliseconds_of(text: bytes) -> int | None:
    """Return a duration as rules have it (sigroute/language/read/durations.py); None: it is none."""
    total, most = 0, LONGEST
    while text:
        unit = text.lstrip(b"0123456789")
        text, number = unit.lstrip(b"hms"), text[: len(text) - len(unit)]
        size = UNITS.get(unit[: len(unit) - len(text)], LONGEST)
        if size >= most or not 0 < len(number) <= DIGITS:
            return None
        total, most = total + int(number) * size, size
    return total if most < LONGEST and total <= LONGEST else None


def within(value: Any, target: Target) -> Any:  # noqa: ANN401 - any part of a plan
    """Return what is in a record, dict or tuple where these fields, keys and indexes lead."""
    for each in target:
        value = getattr(value, str(each)) if isinstance(value, Record) else value[each]
    return value


def put(value: Any, target: Target, new: tuple[object, ...]) -> Any:  # noqa: ANN401 - as above
    """Return the same with something new there."""
    first, rest = target[0], target[1:]
    here = (put(within(value, (first,)), rest, new),) if rest else new
    if isinstance(value, Record):
        return value.but(**{str(first): here[0]})
    if isinstance(value, dict):
        return {**value, first: here[0]}
    return (*value[:first], *here, *value[int(first) + 1 :])


def shown(text: bytes) -> str:
    """Return a value for a message."""
    return '"' + printable(text.decode("utf-8", "replace")[:MOST_SHOWN]) + '"'
