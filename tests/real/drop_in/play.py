"""What is done with an init, and what is observed: the plays that are not worth a file of their own."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from tests.real.drop_in.facts import found, of_init
from tests.real.drop_in.run import MARKER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.drop_in.run import Peer, Run
    from tests.real.drop_in.scenario import Play


def over(run: Run, child: Peer, code: int = 0) -> None:
    """End the child, and so the init."""
    child.tell(f"exit {code}")
    run.end()


def ends(run: Run) -> Iterator[tuple[str, str]]:
    """Nothing but the end."""
    run.end()
    yield from ()


def state(run: Run) -> Iterator[tuple[str, str]]:
    """What the child finds, and what is seen of the init."""
    child, text = run.child()
    yield from found(run, text).items()
    yield from of_init(run).items()
    over(run, child)


def signals(numbers: tuple[int, ...]) -> Play:
    """Send each, one after the other: what the child gets of it."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        for number in numbers:
            run.send(number)
            if number != MARKER:
                run.send(MARKER)
            before = child.marked()
            yield signal_key(number), ", ".join(before) if number != MARKER else "arrived"
        over(run, child)

    return play


def signal_key(number: int) -> str:
    """Name the observation."""
    return f"signal {number}"


def deadly(number: int) -> Play:
    """Send a child what it dies of, as one that does not care for signals does."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        child.tell("default")
        child.message()
        run.send(number)
        run.end()
        yield from ()

    return play


def stopping(number: int) -> Play:
    """Send a child what it stops for."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        child.tell("default")
        child.message()
        run.send(number)
        run.until(child.is_stopped, "the child stops")
        yield "child", "stopped"
        run.send(signal.SIGCONT)
        run.until(lambda: not child.is_stopped(), "the child goes on")
        over(run, child, 3)

    return play


def ignoring(run: Run) -> Iterator[tuple[str, str]]:
    """Send a child what it ignores, as a shell lets its background jobs do."""
    child, _ = run.child()
    child.tell("ignore")
    child.message()
    run.send(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    run.until(lambda: idle(run.init.pid), "the init has taken them")
    yield "child gets", ", ".join(child.heard())
    over(run, child, 3)


def idle(pid: int) -> bool:
    """Tell whether a process has taken all it was sent, and waits, or has ended."""
    try:
        with open(f"/proc/{pid}/status") as file:  # noqa: PTH123 - /proc
            status = dict(line.split(":", 1) for line in file)
    except OSError:
        return True
    return status["State"].split()[0] in "SZ" and not int(status["ShdPnd"], 16) | int(status["SigPnd"], 16)


def fatal(number: int) -> Play:
    """Send one that the init may die of: what the child has got then, and who its parent is."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        run.send(number)
        run.end()
        yield "child gets", ", ".join(child.heard())
        child.tell("state")
        parent = int(child.message().splitlines()[1].removeprefix("parent "))
        yield "child's parent", run.name(parent)

    return play


def inside(numbers: tuple[int, ...]) -> Play:
    """The child itself sends them to the init: what comes back."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        for number in numbers:
            child.tell(f"kill {number}")
            child.message()
            run.send(MARKER)
            yield signal_key(number), ", ".join(child.marked())
        over(run, child)

    return play


def burst(run: Run) -> Iterator[tuple[str, str]]:
    """Many at once, for an init that can't act meanwhile: a standard signal is kept once, a real-time one each time."""
    child, _ = run.child()
    run.init.signal(signal.SIGSTOP)
    run.until(run.stopped, "the init is stopped")
    run.send(15, 1, 15, 40, 40, 15, 40, 10, signal.SIGCONT, MARKER)
    yield "child gets", ", ".join(child.marked())
    over(run, child)


def elder(run: Run) -> Iterator[tuple[str, str]]:
    """The init had a child before it was the init, as after a shell's exec: it is reaped and no more."""
    child, _ = run.child()
    elder = run.peer("elder")
    elder.tell("exit")
    run.until(lambda: run.is_gone(elder), "the elder child is reaped")
    yield "elder", "reaped"
    yield "child gets", ", ".join(child.heard())
    over(run, child, 4)


def suspended(number: int) -> Play:
    """Send what dumb-init stops for; then it is continued."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        run.send(number)
        # Where it forwards what came, the child, which blocks it, has it; otherwise the child is stopped.
        run.until(lambda: child.inbox or child.is_stopped(), "the child has something")
        yield "child", "stopped" if child.is_stopped() else ""
        if run.setting.place == "pid1":
            # It can't stop itself (pid_namespaces(7)), but a CONT that is pending when it tries is lost (signal(7)).
            run.until(lambda: idle(run.init.pid), "the init has tried")
        else:
            run.until(run.stopped, "the init stops itself")
        yield "init", "stopped" if run.stopped() else ""
        run.send(signal.SIGCONT, MARKER)
        yield "child gets", ", ".join(child.marked())
        over(run, child)

    return play


def stopped_child(run: Run) -> Iterator[tuple[str, str]]:
    """TERM for a child in state T: it is kept there, and nobody continues it."""
    child, _ = run.child()
    child.signal(signal.SIGSTOP)
    run.until(child.is_stopped, "the child is stopped")
    run.send(signal.SIGTERM, MARKER)
    run.until(lambda: child.inbox or waiting(child, MARKER), "the signals are there")
    yield "child", "stopped" if child.is_stopped() else ""
    yield "TERM", "waits" if waiting(child, signal.SIGTERM) else ""
    child.signal(signal.SIGCONT)
    yield "child gets", ", ".join(child.marked())
    run.send(MARKER)  # after it, the SIGCHLD of the child's going on will not be one with that of its end
    child.marked()
    over(run, child, 3)


def waiting(peer: Peer, number: int) -> bool:
    """Tell whether a signal is pending for a process (proc_pid_status(5))."""
    with open(f"/proc/{peer.pid}/status") as file:  # noqa: PTH123 - /proc
        (line,) = (line for line in file if line.startswith("ShdPnd"))
    return bool(int(line.split()[1], 16) >> number - 1 & 1)


def parent_dies(run: Run) -> Iterator[tuple[str, str]]:
    """The init's parent is killed (tini -p): what the child gets of it."""
    child, _ = run.child()
    _orphan(run)
    run.send(MARKER)
    yield "child gets", ", ".join(child.marked())
    over(run, child, 3)


def parent_takes_it_along(run: Run) -> Iterator[tuple[str, str]]:
    """The same where the signal is KILL: the child lives on."""
    child, _ = run.child()
    _orphan(run)
    run.end()
    yield "child gets", ", ".join(child.heard())


def _orphan(run: Run) -> None:
    parent = run.peer("middle")
    parent.signal(signal.SIGKILL)
    # The parent's children get another and the signal in one step (PR_SET_PDEATHSIG, prctl(2)).
    run.until(lambda: run.stat(run.init.pid)[1:2] != [str(parent.pid)], "the init has another parent")
