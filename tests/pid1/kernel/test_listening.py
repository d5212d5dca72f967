"""One read of the kernel's tables serves all that is looked at in one turn of the loop, and none of a later one."""

from __future__ import annotations

import pytest

from tests.pid1.kernel.test_wait import told

#: Tells what is found while something listens, when it does no more, and in the next turn.
LOOKS = """
import socket, tempfile
from sigroute.pid1.engine.effects import Probe
family = getattr(socket, sys.argv[1])
with tempfile.TemporaryDirectory() as folder, socket.socket(family) as listener:
    listener.bind(("127.0.0.1", 0) if family == socket.AF_INET else f"{folder}/s")
    listener.listen()
    name = listener.getsockname()
    listen = os.fsencode(name if isinstance(name, str) else f"127.0.0.1:{name[1]}")
    probes = Probe(child=0, pid=1, listen=listen), Probe(child=1, pid=1, listen=listen)
    found = [kernel.perform(probes[0]).well]
    listener.close()
    found.append(kernel.perform(probes[1]).well)
    kernel.give_way()
    found.append(kernel.perform(probes[0]).well)
print(*found)
"""


@pytest.mark.parametrize("family", ["AF_INET", "AF_UNIX"])
def test_one_read_serves_all_of_a_turn(family: str) -> None:
    assert told(LOOKS, family) == "True True False"
