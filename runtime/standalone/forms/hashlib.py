"""In the place of hashlib, which asks for OpenSSL: SHA-256 is all that is needed."""

from _sha256 import sha256  # type: ignore[import-not-found]

__all__ = ["sha256"]
