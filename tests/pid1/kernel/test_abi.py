"""The numbers of Linux's interface are those of this machine."""

from __future__ import annotations

import errno
import select
import stat

from sigroute.pid1.kernel import abi


def test_every_number_is_that_of_this_machine() -> None:
    numbers = {name: value for name, value in vars(abi).items() if name.isupper() and isinstance(value, int)}
    assert {"ENOENT", "S_IFMT"} <= set(numbers)
    kinds = {"S_IFMT": stat.S_IFMT(0o177777), "PIPE_BUF": select.PIPE_BUF}
    assert numbers == {
        name: kinds.get(name, getattr(errno, name, None) or getattr(stat, name, None)) for name in numbers
    }
