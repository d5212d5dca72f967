"""Descriptors that tell by a signal, in a process of one thread, as PID 1 is."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.pid1.kernel.test_wait import told

if TYPE_CHECKING:
    from pathlib import Path

#: What each program below begins with: an owner that notes which descriptor it was asked about.
NOTICES = """
from sigroute.pid1.engine.events import Tick
from sigroute.pid1.kernel.notices import Notices
from sigroute.pid1.kernel.origin import NOTICE
from sigroute.pid1.kernel.telling import ALL
import resource
from pathlib import Path
notices = kernel.notices = Notices()
asked = []
def owner(fd):
    asked.append(fd)
    try:
        while os.read(fd, 100):
            pass
    except OSError:
        pass
    return [Tick()] * 2
def waits(most=60_000):
    return kernel.wait(kernel.now() + most)
"""

PIPE = """
reader, writer = os.pipe()
os.write(writer, b"before")
notices.readable(reader, owner)
print([waits(), waits()] == [Tick()] * 2, asked == [reader])
os.write(writer, b"after")
print([waits(), waits()] == [Tick()] * 2, asked == [reader] * 2)
os.close(writer)
print([waits(), waits()] == [Tick()] * 2, asked == [reader] * 3)
"""


def test_a_pipe_tells_of_what_is_in_it_and_of_its_end() -> None:
    """Of what was in it before, too: the signal comes only with what is new."""
    assert told(NOTICES + PIPE).split() == ["True"] * 6


DIRECTORY = """
fd = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
for change in (
    lambda: Path(sys.argv[1], "new").write_text("text"),
    lambda: Path(sys.argv[1], "new").chmod(0o600),
    lambda: Path(sys.argv[1], "new").rename(Path(sys.argv[1], "other")),
    lambda: Path(sys.argv[1], "other").unlink(),
):
    notices.changes(fd, ALL, owner)
    change()
    print(waits() == Tick(), set(asked) == {fd})
    while waits(0) is not None:
        pass
notices.changes(fd, ALL, owner)
notices.forget(fd)
Path(sys.argv[1], "new").write_text("text")
print(waits(30), waits(30))
"""


def test_a_directory_tells_of_each_kind_of_change_until_it_is_forgotten(tmp_path: Path) -> None:
    assert told(NOTICES + DIRECTORY, str(tmp_path)).split() == ["True"] * 8 + ["None"] * 2


FULL = """
pipes = [os.pipe() for _ in range(3)]
for reader, _ in pipes:
    notices.readable(reader, owner)
while waits(0) is not None:
    pass
asked.clear()
resource.setrlimit(resource.RLIMIT_SIGPENDING, (0, 0))  # of our user's whole, which root may pass for standard signals
os.write(pipes[1][1], b"x")
while waits(0) is not None:
    pass
print(sorted(asked) == sorted(reader for reader, _ in pipes))
"""


def test_if_the_queue_of_signals_is_full_all_are_looked_at() -> None:
    assert told(NOTICES + FULL) == "True"


SENT = """
subprocess.run(["sh", "-c", f"kill -{int(NOTICE)} $PPID"])
while (found := waits()) is None:
    pass  # the CHLD of its end
print(found.signal, found.sender, asked)
"""


def test_the_same_signal_from_a_process_is_routed_as_ever() -> None:
    assert told(NOTICES + SENT) == f"{int(signal.SIGRTMAX)} inside []"


REFUSED = """
def refuse(*_):
    raise OSError(38, "refused")
kernel._wait = refuse
reader, writer = os.pipe()
notices.readable(reader, owner)
while waits(0) is not None:
    pass
os.write(writer, b"x")
print(waits() == Tick(), asked == [reader] * 2)
"""


def test_where_a_filter_refuses_the_wait_they_are_heard_as_well() -> None:
    assert told(NOTICES + REFUSED).split() == ["True"] * 2
