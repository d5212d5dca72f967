"""A client of the control socket, as plain as one can be."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

from sigroute.pid1.control import protocol
from tests.real.traffic import PATIENCE, until

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def connected(path: Path) -> socket.socket:
    """Connect, once somebody listens."""
    made = socket.socket(socket.AF_UNIX)
    made.settimeout(PATIENCE)

    def listens() -> bool:
        try:
            made.connect(str(path))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True

    until(listens, f"somebody listens at {path}")
    return made


def answered(client: socket.socket) -> tuple[int, str]:
    """Return code and text of an answer."""
    data = b""
    while piece := client.recv(1 << 16):
        data += piece
    found = protocol.parsed(data)
    assert found is not None, data
    code, size, text = found
    assert size == len(text)
    return code, text.decode()


def ask(path: Path, *words: str) -> tuple[int, str]:
    """Ask; return code and text of the answer."""
    with connected(path) as client:
        client.sendall("\t".join(words).encode() + b"\n")
        return answered(client)


def status(path: Path) -> dict[str, Any]:
    """Return the status."""
    code, text = ask(path, "status", "--json")
    assert code == 0, text
    found = json.loads(text)
    assert isinstance(found, dict)
    return found


def child(path: Path, name: str) -> dict[str, Any]:
    """Return what is told of a child."""
    return next(each for each in status(path)["children"] if each["name"] == name)


def until_told(path: Path, condition: Callable[[dict[str, Any]], object], what: str) -> dict[str, Any]:
    """Wait until the status meets a condition; return it."""
    found: dict[str, Any] = {}

    def look() -> object:
        found.clear()
        found.update(status(path))
        return condition(found)

    until(look, what)
    return found
