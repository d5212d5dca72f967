"""Reading numbers as the C library does."""

from __future__ import annotations

DIGITS = "0123456789"

#: Numbers with more digits exceed every limit of the C library. Python itself refuses thousands (ValueError).
MOST = 20


def number_at(text: str) -> tuple[int | None, str]:
    """Return the decimal number at the beginning of a text (None if there is none), and the rest.

    White space and a sign may come first, as for strtol(3), atoi(3) and the ``%d`` of scanf(3).
    """
    rest = text.lstrip(" \t\n\v\f\r")
    sign = rest[:1] if rest[:1] in ("+", "-") else ""
    rest = rest[len(sign) :]
    after = rest.lstrip(DIGITS)
    digits = rest[: len(rest) - len(after)]
    return (int(sign + (digits.lstrip("0")[:MOST] or "0")), after) if digits else (None, text)
