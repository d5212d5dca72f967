"""One init after the other, each with another number: the codes of exit and the signals that a child dies of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.real.drop_in.run import Run


def batch(run: Run) -> Iterator[tuple[str, str]]:
    """How each of them ended."""
    first, last = (int(number) for number in run.setting.each.split("-"))
    for number in range(first, last + 1):
        run.until(partial(_told, run, number), f"the init with {number} ends")
        yield str(number), _told(run, number)


def _told(run: Run, number: int) -> str:
    begin = f"ended {number} 0 "
    texts = (text for peer in run.peers for text in peer.inbox)
    return next((text.removeprefix(begin) for text in texts if text.startswith(begin)), "")


def of_batch(first: int, last: int) -> tuple[str, ...]:
    """Name what is observed."""
    return tuple(str(number) for number in range(first, last + 1))
