"""The text of a value with variables, and how trouble with it is told."""

from __future__ import annotations

from sigroute.pid1.log.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.template import Template

    Trouble = tuple[str, str]
    """Why a value can't be made, and a way out."""

#: The most characters of a value that are shown.
MOST_SHOWN = 60


class VariablesError(Exception):
    """Some values can't be made. Its text has two lines for each: why, and a way out."""


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


def shown(text: bytes) -> str:
    """Return a value for a message."""
    return '"' + printable(text.decode("utf-8", "replace")[:MOST_SHOWN]) + '"'
