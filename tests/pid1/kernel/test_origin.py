"""Who sent a signal: each way to send one, tried on a process that stands for PID 1."""

from __future__ import annotations

import pytest

from tests.pid1.kernel.sessions import told

#: A seam in a process whose child sends it what it is told to, and what it makes of that.
HEARS = """
import ctypes, platform, posix, socket
from sigroute.pid1.kernel import seam
from sigroute.pid1.plan import Plan
kernel = seam.Kernel(Plan(children=(), tables=(), actions=(), stop_signals=frozenset()))
kernel.parent = 4_000_000  # whoever started this speaks for nobody here
syscall = ctypes.CDLL(None, use_errno=True).syscall
SIGQUEUEINFO, TGSIGQUEUEINFO, TGKILL, PIDFD_OPEN, PIDFD_SEND = {
    "x86_64": (129, 297, 234, 434, 424), "aarch64": (138, 240, 131, 434, 424)}[platform.machine()]
me = os.getpid()
def info(number, code, pid, uid=0, value=0):
    return (ctypes.c_int * 32)(number, 0, code, 0, pid, uid, value)
def forge(number, code, pid):
    return syscall(SIGQUEUEINFO, me, number, info(number, code, pid))
def heard(send):
    child = os.fork()
    if not child:
        try:
            refused = send()
        finally:
            os._exit(bool(refused))
    refused = os.waitpid(child, 0)[1]
    while (arrived := signal.sigpending() - {signal.SIGCHLD}):
        found = kernel._at_once(frozenset(arrived))
        print(found and (found.signal, found.sender, found.pid == child))
    if refused:
        print("refused")
"""


def made_of(send: str) -> list[str]:
    """Return what the seam makes of what a child sends."""
    return told(f"{HEARS}\nheard(lambda: {send})")


@pytest.mark.parametrize("number", [15, 37, 23])
def test_of_kill_and_tgkill_the_kernel_says_who_it_was(number: int) -> None:
    expected = [f"({number}, 'inside', True)"]
    assert made_of(f"os.kill(me, {number})") == expected
    assert made_of(f"syscall(TGKILL, me, me, {number})") == expected
    assert made_of(f"syscall(PIDFD_SEND, os.pidfd_open(me), {number}, None, 0)") == expected


@pytest.mark.parametrize("number", [15, 37])
def test_what_a_sender_says_of_itself_makes_it_nobody_else(number: int) -> None:
    """Pid 0 would be outside, our own swallowed, our parent's the platform: a sender may write any of them."""
    code = f"""
for code in -1, -2, -3, -4, -5, -7, -60, -128:
    for pid in 0, me, 1, kernel.parent, 2:
        heard(lambda: forge({number}, code, pid))
        heard(lambda: syscall(TGSIGQUEUEINFO, me, me, {number}, info({number}, code, pid)))
"""
    assert told(HEARS + code) == [f"({number}, 'inside', False)"] * 8 * 5 * 2


@pytest.mark.parametrize("code", [0, -6, 1, 0x80])
def test_nobody_can_write_what_the_kernel_vouches_for(code: int) -> None:
    """SI_USER, SI_TKILL and all that is the kernel's (rt_sigqueueinfo(2))."""
    assert made_of(f"forge(15, {code}, 0)") == ["refused"]
    assert made_of(f"syscall(PIDFD_SEND, os.pidfd_open(me), 15, info(15, {code}, 0), 0)") == ["refused"]


def test_a_flood_of_what_says_it_was_us_is_heard_and_so_is_another() -> None:
    """It was swallowed as our own, and the TERM with it that came while it was pending."""
    assert made_of("[forge(15, -1, me), os.kill(me, 15), None][-1]") == ["(15, 'inside', False)"]


#: A socket signals its owner when it can be read, or urgently; its owner is whom anybody says.
OWNS = """
def owns(number, urgent):
    one, two = socket.socketpair() if not urgent else pair()
    fcntl.fcntl(one, fcntl.F_SETOWN, me)
    if number:
        fcntl.fcntl(one, 10, number)  # F_SETSIG
    if not urgent:
        fcntl.fcntl(one, fcntl.F_SETFL, os.O_ASYNC)
    two.send(b"x", socket.MSG_OOB if urgent else 0)
def pair():
    listens = socket.create_server(("127.0.0.1", 0))
    two = socket.create_connection(listens.getsockname())
    return listens.accept()[0], two
"""


@pytest.mark.parametrize(
    ("number", "urgent", "expected"), [(0, False, 29), (15, False, 15), (0, True, 23), (37, False, 37)]
)
def test_what_a_descriptor_sends_comes_from_whoever_made_us_its_owner(
    number: int, *, urgent: bool, expected: int
) -> None:
    """The kernel sends it, but is no terminal; with F_SETSIG there are poll(2)'s bits where a pid would be."""
    lines = told(f"{HEARS}{OWNS}\nheard(lambda: owns({number}, {urgent}))")
    assert {line[: line.rfind(",")] for line in lines} == {f"({expected}, 'inside'"}
