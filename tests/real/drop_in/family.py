"""Plays with more processes than one child: who is signalled, who becomes whose, who is left at the end."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from tests.real.drop_in.play import over

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.drop_in.run import Peer, Run
    from tests.real.drop_in.scenario import Play

#: native/witness.c's kinds of a process of the child's, and of an orphan.
KINDS = ("group", "own-group", "session")
ORPHANS = tuple(f"orphan-{kind}" for kind in KINDS)


def fork(run: Run, child: Peer, kinds: tuple[str, ...]) -> dict[str, tuple[Peer, str]]:
    """Let the child have these; return them, and what each tells of itself."""
    for kind in kinds:
        child.tell(f"fork {kind} {kind}")
    for _ in kinds:
        assert child.message() == "here"
    return {kind: (peer := run.peer(kind), peer.message()) for kind in kinds}


def heard(peer: Peer) -> str:
    """Return what one has got, the markers apart."""
    return ", ".join(told for told in peer.heard() if not told.startswith("64 "))


def everyone(numbers: tuple[int, ...]) -> Play:
    """Send these: who gets what."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        family = fork(run, child, KINDS + ORPHANS)
        for number in numbers:
            run.send(number, 64)
            yield f"signal {number}: child", ", ".join(child.marked())
            for kind, (peer, _) in family.items():
                yield f"signal {number}: {kind}", heard(peer)
        over(run, child)

    return play


def orphans(run: Run) -> Iterator[tuple[str, str]]:
    """The child's orphans."""
    child, _ = run.child()
    yield from adopted(run, child)
    over(run, child)


def adopted(run: Run, parent: Peer) -> Iterator[tuple[str, str]]:
    """Whose the orphans become, and whether they are reaped."""
    for kind, (peer, told) in fork(run, parent, ORPHANS).items():
        adopter = told.splitlines()[1].removeprefix("parent ")
        yield f"{kind}'s parent", run.name(int(adopter))
        peer.tell("exit 3")
        run.until(partial(run.is_gone, peer), f"{kind} is reaped")
        yield kind, "reaped"


def stragglers(order: str) -> Play:
    """The child ends and leaves them: what each gets of it, and whether it lives on. Not for PID 1: all die with it."""

    def play(run: Run) -> Iterator[tuple[str, str]]:
        child, _ = run.child()
        family = fork(run, child, KINDS + ORPHANS)
        child.tell(order)
        run.end()
        for kind, (peer, _) in family.items():
            yield kind, heard(peer)

    return play


def of_everyone(numbers: tuple[int, ...]) -> tuple[str, ...]:
    """Name what is observed."""
    return tuple(f"signal {number}: {who}" for number in numbers for who in ("child", *KINDS, *ORPHANS))


OF_ORPHANS = tuple(key for kind in ORPHANS for key in (f"{kind}'s parent", kind))
OF_STRAGGLERS = KINDS + ORPHANS
