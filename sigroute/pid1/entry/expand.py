"""Variables in rules: values of the plan that are made of sigroute's own environment, once, before anything starts.

It is loaded only for a plan with templates.
"""

from __future__ import annotations

from sigroute.pid1.entry.values import VariablesError, shown, text_of
from sigroute.pid1.exit_codes import BAD_RULES
from sigroute.pid1.kernel import addresses, output
from sigroute.pid1.kernel.surroundings import environment
from sigroute.pid1.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from sigroute.pid1.plan import Launch, Plan
    from sigroute.pid1.template import Template

    Values = dict[Any, Any]
    """By field, index or key: a template and what takes its place, or, where a part has several, such a dict."""

    Trouble = tuple[str, str]
    """Why a value can't be made, and a way out."""

#: What an ``output`` may be that is no path; the second is for a child with the terminal, whose lines nobody can tag.
OUTPUTS = {"output": (b"inherit", b"tag", b"null"), "plain output": (b"inherit", b"null")}

#: What becomes milliseconds; ``time`` is never 0.
DURATIONS = ("duration", "time")

#: Milliseconds of each unit, and of the longest duration; the most digits of a number in one.
UNITS = {b"h": 3_600_000, b"m": 60_000, b"s": 1_000, b"ms": 1}
LONGEST = 8_760 * UNITS[b"h"]
DIGITS = 12


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
    if any(template.becomes == "count" for template in plan.templates):
        from sigroute.pid1.entry.instances import multiplied  # noqa: PLC0415 - few plans have instances

        plan = multiplied(plan, environ)
    told: dict[str, int] = {}
    values: Values = {}
    for template in plan.templates:
        text, trouble = text_of(template, environ)
        trouble = trouble or trouble_of(text, template.becomes)
        if trouble:
            tell(told, template, trouble)
        within = values
        for each in template.target[:-1]:
            within = within.setdefault(each, {})
        within[template.target[-1]] = template, new_of(text, template.becomes)
    plan = built(plan, values, told)
    if told:
        raise VariablesError("\n".join(sorted(told, key=told.__getitem__)))
    return plan.but(templates=())


def tell(told: dict[str, int], template: Template, trouble: Trouble) -> None:
    """Add the lines about a value that can't be made, with the number of its line in the file."""
    why, way_out = trouble
    told[f"{template.place}: {why} in {template.key}\n      {way_out}"] = int(template.place.rpartition(":")[2])


def trouble_of(text: bytes, becomes: str) -> Trouble | None:
    """Return what is wrong with a text for what it is to become."""
    user, colon, group = text.partition(b":")
    if becomes in ("user", "group") and (not user or (colon and not group) or b":" in group):
        return f"{shown(text)} is no user", "a name or a number, perhaps with a colon and a group after it"
    if becomes == "path" and text[:1] != b"/":
        return f"{shown(text)} is no absolute path", "it begins with /"
    if becomes in OUTPUTS and text not in OUTPUTS[becomes] and text[:1] != b"/":
        words = b", ".join(OUTPUTS[becomes]).decode()
        whose = " for a child with the terminal" if text == b"tag" else ""
        return f"{shown(text)} is no output{whose}", f"it is {words}, or an absolute path"
    if becomes == "address" and not addresses.is_address(text):
        return f"{shown(text)} is no address", 'an address and a port, as in "127.0.0.1:80", or the path of a socket'
    return no_duration(text, becomes) if becomes in DURATIONS else None


def no_duration(text: bytes, becomes: str) -> Trouble | None:
    """Return why a text is no duration, or is none that can be used here."""
    made = milliseconds_of(text)
    if made is None:
        return f"{shown(text)} is no duration", "a number and its unit, as in 5s, 1m30s or 250ms; a year at most"
    if becomes == "time" and not made:
        return f"{shown(text)} is no time at all", "1ms or more"
    return None


def new_of(text: bytes, becomes: str) -> tuple[bytes | int | None, ...]:
    """Return what takes a template's place: the words of a text, one part of ``user:group``, milliseconds, the text."""
    if becomes == "words":
        return tuple(text.split())
    if becomes in DURATIONS:
        return (milliseconds_of(text),)
    return (text.partition(b":")[0 if becomes == "user" else 2] if becomes in ("user", "group") else text,)


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


def built(value: Any, values: Values, told: dict[str, int]) -> Any:  # noqa: ANN401 - any part of a plan
    """Return a record, dict or tuple with new values where its templates were."""
    if isinstance(value, tuple):
        words: list[object] = []
        for number, each in enumerate(value):
            found = values.get(number)
            if found is None:
                words.append(each)
            elif isinstance(found, dict):
                words.append(built(each, found, told))
            else:
                words += found[1]
        if not words:
            tell(told, values[0][0], ("no word of the command is left", "name the program to run beside the variable"))
        return tuple(words)
    is_record = isinstance(value, Record)
    new = {
        key: built(getattr(value, key) if is_record else value[key], found, told)
        if isinstance(found, dict)
        else found[1][0]
        for key, found in values.items()
    }
    return value.but(**new) if is_record else {**value, **new}
