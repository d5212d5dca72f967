"""Texts without what a terminal would act on: names may have anything in them."""

from __future__ import annotations


def printable(text: str) -> str:
    """Return a text with escapes for what is not printable."""
    return text if text.isprintable() else "".join([each if each.isprintable() else ascii(each)[1:-1] for each in text])
