"""The texts of the model, which docs/rules.md has as Markdown, as plain text."""

from __future__ import annotations

import re

#: Code, a link, emphasis. In code, nothing else is looked for.
_MARKED = re.compile(r"`(?P<code>[^`]*)`|\[(?P<link>[^\]]*)\]\([^)]*\)|\*(?P<said>[^*]+)\*")


def plain_text(text: str) -> str:
    """Return a text without its Markdown."""
    return _MARKED.sub(lambda found: str(found[found.lastgroup or 0]), text)
