"""What is shown, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.demo import picture
from sigroute.demo.act import BEHIND, ORDER
from sigroute.demo.story import Event, Side

if TYPE_CHECKING:
    import pytest

LEFT = Side(
    name="a forwarder",
    events=(Event(0.0, "TERM arrives"), Event(0.004, "the script ends"), Event(0.013, "PID 1 ends")),
    requests=30,
    lost=29,
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
)

STOP = """\
2. A server and its database

The server finishes what is in flight, and needs the database for it. A script
that passes the stop on to both ends the database too early. Under sigroute the
database's turn comes `after` the server's end.

  a forwarder  python3 forwarder.py sh two.sh
  sigroute     sigroute --rules two.toml

  two.sh:
  # starts both
  wait

  two.toml:
  [on]
  stop = "QUIT"

second  a forwarder                          sigroute
------  -----------------------------------  -----------------------------------
  0.00  TERM arrives                         TERM arrives
        the script ends
  0.01  PID 1 ends                           a line that is too long for a
                                               column
  2.00                                       PID 1 ends

"""

OUTCOME = """\
requests lost                           a forwarder     sigroute
A server behind a script                   29 of 30      0 of 30
A server and its database                  30 of 30      0 of 30

The programs, to be run by hand:
  /where/they/are
Next: `sigroute rules show nginx`; `sigroute check nginx` tells what they mean.
"""

INTRO = """\
Two stops, each seen under a plain forwarder and under sigroute. (4 seconds.)

There can be no PID namespace here (unshare: Operation not permitted), so each
is a subreaper instead: orphans below it become its children, as they become PID
1's in a container.

The forwarder does what tini and catatonit do: it passes each signal to its
child, reaps every zombie, and ends when its child does.

Each server has 30 requests in flight when TERM arrives at the init. As nginx
does, it drops them on TERM, and finishes them on QUIT.

"""


def test_a_stop_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {"two.sh": "# starts both\nwait\n", "two.toml": '[on]\nstop = "QUIT"\n'}
    monkeypatch.setattr("sigroute.demo.act.Act.read", lambda _, name: texts[name])
    assert picture.stop(2, ORDER, LEFT, RIGHT) == STOP


def test_what_sigroute_runs_is_told() -> None:
    assert "  sigroute     sigroute --rules one.toml -- sh one.sh\n" in picture.stop(1, BEHIND, LEFT, RIGHT)


def test_the_sum() -> None:
    stops = [(BEHIND, LEFT, RIGHT), (ORDER, attrs.evolve(LEFT, lost=30), RIGHT)]
    assert picture.outcome(stops, "/where/they/are") == OUTCOME


def test_what_is_about_to_be_seen() -> None:
    assert picture.intro("unshare: Operation not permitted") == INTRO


def test_in_a_namespace_it_says_so() -> None:
    shown = picture.intro("")
    assert "Each is PID 1 of a PID namespace of its own with its own /proc" in shown
    assert "subreaper" not in shown
    assert (picture.who(""), picture.who("no")) == ("PID 1", "the subreaper")
