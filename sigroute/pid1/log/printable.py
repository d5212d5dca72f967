"""Texts without control characters, which a terminal would obey: names may have any characters."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text with escapes in place of characters that are not printable."""
    return text if text.isprintable() else "".join([each if each.isprintable() else ascii(each)[1:-1] for each in text])
