"""What PID 1 replies to those who have asked at the control socket: to them alone, and without waiting for anybody."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sigroute.pid1.engine.effects import Kill
from sigroute.pid1.engine.events import Tick
from sigroute.pid1.engine.requests import Reply, Requested
from sigroute.pid1.engine.state import initial
from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.control import BITS
from tests.pid1.kernel.control_lab import PLAN

if TYPE_CHECKING:
    from sigroute.pid1.engine.events import Event
    from tests.pid1.kernel.control_lab import Lab

EVENT = Requested(number=(3 << BITS) + 2, what="send", signal=15, pid=99, uid=1000, children=(0, 1))


def observed(lab: Lab, *effects: Any, event: Event = EVENT) -> None:
    state = initial(PLAN)
    lab.control.observe(0, state, event, list(effects), state)


def test_a_reply_goes_to_the_server_that_has_asked_and_to_no_other(lab: Lab) -> None:
    lab.knock()
    lab.knock()
    first, second = lab.replies(101), lab.replies(102)
    observed(lab, Reply(number=(2 << BITS) + 5), Reply(number=(1 << BITS) + 6, refused="web is exited"))
    assert os.read(first, PIPE_BUF) == b"6\tweb is exited\t\0"
    assert os.read(second, PIPE_BUF) == b"5\t\t\0"


def test_a_reply_has_the_lines_of_the_log_about_it_as_far_as_a_pipe_takes_them_at_once(lab: Lab) -> None:
    lab.knock()
    mine = lab.replies(101)
    sent = Kill(child=0, pid=55, signal=1, origin="web.on.HUP")
    by = EVENT.but(number=(1 << BITS) + 1)
    observed(lab, sent, Reply(number=by.number), event=by)
    text = os.read(mine, PIPE_BUF)
    assert text.startswith(b"1\t\t")
    assert text.endswith(b"\0")
    assert b"web (pid 55) gets HUP" in text
    observed(lab, *[sent] * 1_000, Reply(number=by.number), event=by)
    text = os.read(mine, 1 << 20)
    assert len(text) == PIPE_BUF
    assert text.endswith(b"\0")


def test_what_takes_a_while_is_answered_without_lines(lab: Lab) -> None:
    """They would be those of whatever has happened when it is done."""
    lab.knock()
    mine = lab.replies(101)
    by = EVENT.but(number=(1 << BITS) + 1, what="stop")
    observed(lab, Kill(child=0, pid=55, signal=1), Reply(number=by.number), event=by)
    observed(lab, Kill(child=0, pid=55, signal=1), Reply(number=by.number), event=Tick())
    assert os.read(mine, PIPE_BUF) == b"1\t\t\0" * 2


def test_a_server_that_does_not_read_or_has_gone_keeps_nobody(lab: Lab) -> None:
    lab.knock()
    reader = lab.replies(101)
    for _ in range(20_000):  # more than a pipe takes
        observed(lab, Reply(number=(1 << BITS) + 1))
    os.close(reader)
    observed(lab, Reply(number=(1 << BITS) + 1))
    lab.control.ended(101)
    observed(lab, Reply(number=(1 << BITS) + 1))
