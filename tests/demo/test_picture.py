"""What is shown, word for word."""

from __future__ import annotations

import attrs

from sigroute.demo import picture
from sigroute.demo.story import Event, Side

LEFT = Side(
    name="a forwarder",
    events=(Event(0.0, "TERM arrives"), Event(0.004, "the server ends"), Event(0.013, "PID 1 ends")),
    requests=30,
    lost=29,
    zombies=12,
    seconds=0.0131,
    code=143,
)
RIGHT = Side(
    name="sigroute",
    events=(
        Event(0.0, "TERM arrives"),
        Event(0.013, "a line that is too long for a column"),
        Event(2.0, "PID 1 ends"),
    ),
    requests=30,
    lost=0,
    zombies=0,
    seconds=2.0,
    code=143,
)

OUTCOME = """\
second  a forwarder                          sigroute
------  -----------------------------------  -----------------------------------
  0.00  TERM arrives                         TERM arrives
        the server ends
  0.01  PID 1 ends                           a line that is too long for a
                                               column
  2.00                                       PID 1 ends

                          a forwarder         sigroute
requests lost                29 of 30          0 of 30
zombies left                       12                0
seconds taken                    0.01             2.00
exit code                         143              143

The exit code tells nothing of what was lost.
A zombie is a process that has ended and waits to be reaped; it counts against
the limit of processes.

Next: `sigroute rules show nginx`; `sigroute check nginx` tells what they mean.
"""

INTRO = """\
One stop, seen twice: under a plain forwarder, and under sigroute. (3 seconds.)

There can be no PID namespace here (unshare: Operation not permitted), so each
is a subreaper instead: orphans below it become its children, as they become PID
1's in a container.

Below each runs the same server. It has left 2 orphans behind, which have ended,
and has 5 requests in flight. Then comes TERM, as from `docker stop`. Like
nginx, this server drops what is in flight on TERM, and finishes it on QUIT.

  a forwarder  what most entrypoints are: TERM goes on as TERM, and only
               its own child is reaped
  sigroute     sigroute --rules demo.toml -- python server.py

  demo.toml:

  [on]
  stop = "QUIT"
"""


def test_two_stops_side_by_side() -> None:
    assert picture.outcome(LEFT, RIGHT) == OUTCOME


def test_what_is_about_to_be_seen() -> None:
    assert picture.intro("unshare: Operation not permitted", 5, 2, '[on]\nstop = "QUIT"\n') == INTRO


def test_in_a_namespace_it_says_so() -> None:
    shown = picture.intro("", 5, 2, "")
    assert "Each is PID 1 of a PID namespace of its own with its own /proc" in shown
    assert "subreaper" not in shown
    assert (picture.who(""), picture.who("no")) == ("PID 1", "the subreaper")


def test_zombies_that_nobody_could_count_are_not_none() -> None:
    blind = picture.outcome(attrs.evolve(LEFT, zombies=None), attrs.evolve(RIGHT, zombies=None))
    assert "zombies left              not counted      not counted\n" in blind
    assert "Not counted: /proc can't be read here, or does not show these processes.\n" in blind
    assert "A zombie is" not in blind


def test_where_nothing_was_lost_nothing_is_said_of_it() -> None:
    assert "tells nothing" not in picture.outcome(attrs.evolve(LEFT, lost=0, zombies=0), RIGHT)
    assert "tells nothing" not in picture.outcome(attrs.evolve(LEFT, code=1), RIGHT)
