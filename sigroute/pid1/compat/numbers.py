"""Numbers as the C library reads them."""

from __future__ import annotations

DIGITS = "0123456789"

#: So many digits are beyond every limit of the C library; of thousands Python makes no number (ValueError).
MOST = 20


def number_at(text: str) -> tuple[int | None, str]:
    """Return the decimal number that a text begins with, and what follows it; None where there is none.

    White space before it and a sign are read, as by strtol(3), atoi(3) and the ``%d`` of scanf(3).
    """
    rest = text.lstrip(" \t\n\v\f\r")
    sign = rest[:1] if rest[:1] in ("+", "-") else ""
    rest = rest[len(sign) :]
    after = rest.lstrip(DIGITS)
    digits = rest[: len(rest) - len(after)]
    return (int(sign + (digits.lstrip("0")[:MOST] or "0")), after) if digits else (None, text)
