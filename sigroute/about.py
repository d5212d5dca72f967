"""What a compiled init says of itself."""

from __future__ import annotations

import hashlib

import attrs


@attrs.frozen
class About:
    """What a compiled init was made of."""

    name: str
    """``rules nginx.toml``, ``as tini``."""
    rules: str
    """Their text."""

    @property
    def digest(self) -> str:
        """The text's SHA-256, in hexadecimal."""
        return hashlib.sha256(self.rules.encode(errors="surrogateescape")).hexdigest()

    def __str__(self) -> str:
        return f"{self.name} (sha256 {self.digest})"
