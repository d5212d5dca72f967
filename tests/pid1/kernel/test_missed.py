"""What the terminal sends while a child is started that is to be in our process group: who has got it, and who not."""

from __future__ import annotations

import pytest

from tests.pid1.kernel.sessions import told

#: A child in our process group, and what arrives before and after it is there: the window's size makes WINCH.
SHARES = """
import posix, struct, subprocess
from sigroute.pid1.engine.effects import Spawn
from sigroute.pid1.kernel import seam
from sigroute.pid1.plan import ChildPlan, Plan
control()
if options.terminal == "foreground":  # in which there is somebody else
    alive, keeps = os.pipe()
    if not os.fork():
        os.close(keeps)
        os.close(1)
        os.read(alive, 1)
        os._exit(0)
child = ChildPlan(name="", argv=(b"/bin/sleep", b"600"), running=0, starting=0, terminal=True)
kernel = seam.Kernel(Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset()), None, options)
def resize(rows):
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
def heard():
    found = []
    while signal.sigpending():
        found.append(kernel.wait(kernel.now()))
    print(*[(each.signal, each.sender) for each in found if each])
def late(flags):
    resize(45)
    return pipe2(flags)
pipe2 = posix.pipe2
"""

OPTIONS = ["StartOptions()", "StartOptions(group='shared', terminal='none')"]


@pytest.mark.parametrize("when", ["resize(45)", "posix.pipe2 = late"])
@pytest.mark.parametrize("options", OPTIONS)
def test_what_is_pending_before_the_child_is_there_is_what_it_has_missed(options: str, when: str, pty: int) -> None:
    code = f"""
options = {options}
{SHARES}
{when}
spawned = kernel.perform(Spawn(child=0))
print(spawned.shares, 28 in spawned.hears, *spawned.missed)
heard()
resize(50)
heard()
end(spawned.pid)
"""
    assert told(code, pty) == ["True True 28", "(28, 'tty')", "(28, 'tty')"]


@pytest.mark.parametrize("options", OPTIONS)
def test_what_somebody_sends_before_is_told_to_be_from_them(options: str, pty: int) -> None:
    code = f"""
options = {options}
{SHARES}
subprocess.run(["sh", "-c", "kill -INT $PPID"])
spawned = kernel.perform(Spawn(child=0))
os.kill(spawned.pid, signal.SIGKILL)
print(os.waitpid(spawned.pid, 0)[1], *spawned.missed)
heard()
"""
    assert told(code, pty) == ["9 2", "(2, 'inside')"]


def test_a_child_in_a_group_of_its_own_hears_nothing_by_itself(pty: int) -> None:
    code = f"""
options = StartOptions(terminal="none")
{SHARES}
resize(45)
spawned = kernel.perform(Spawn(child=0))
print(spawned.shares, *spawned.hears, *spawned.missed)
end(spawned.pid)
"""
    assert told(code, pty) == ["False"]
