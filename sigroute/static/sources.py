"""What the bytecode in a static init is made from, by a hash."""

from __future__ import annotations

import hashlib

from sigroute.bundle import PACKAGE


def sources() -> bytes:
    """Return a hash of all files that the bytecode is made from and by."""
    by = [PACKAGE / "bytecode.py", PACKAGE / "bundle.py", PACKAGE / "static" / "resident.py"]
    files = {path.relative_to(PACKAGE).as_posix(): path for path in [*by, *(PACKAGE / "pid1").rglob("*.py")]}
    seen = hashlib.sha256()
    for name in sorted(files):
        data = files[name].read_bytes()
        seen.update(f"{name} {len(data)}\n".encode())
        seen.update(data)
    return seen.digest()
