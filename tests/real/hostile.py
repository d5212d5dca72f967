"""Clients of the control socket that mean no good, each a program of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.real.traffic import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BEGIN = """
import os, resource, socket, sys
path, number = sys.argv[1], int(sys.argv[2])
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
def connected():
    made = socket.socket(socket.AF_UNIX)
    made.connect(path)
    return made
"""

_END = """
os.write(1, b"done\\n")
os.read(0, 1)
"""

#: By what they do; they stay until their standard input is closed.
KINDS = {
    "hang": "kept = [connected() for _ in range(number)]",
    "garbage": """
for _ in range(number):
    with connected() as client:
        try:
            for _ in range(160):
                client.sendall(os.urandom(1 << 16).replace(b"\\n", b"x"))
        except OSError:
            pass
""",
    "half": """
for _ in range(number):
    with connected() as client:
        client.sendall(b"sta")
""",
    "deaf": """
kept = [connected() for _ in range(number)]
for each in kept:
    each.sendall(b"status\\t--json\\n")
""",
    "burst": """
kept = [connected() for _ in range(number)]
for each in kept:
    each.sendall(b"status\\n")
for each in kept:
    data = b""
    while piece := each.recv(1 << 16):
        data += piece
    assert data.startswith(b"sigroute 1 0 "), data[:200]
""",
}


@contextmanager
def hostile(kind: str, path: Path, number: int) -> Iterator[None]:
    """Have so many of them come, and stay until the end of this; what they do at first is done."""
    code = _BEGIN + KINDS[kind] + _END
    with subprocess.Popen(
        [sys.executable, "-I", "-c", code, str(path), str(number)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"done\n"
            yield
        finally:
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(PATIENCE) == 0
