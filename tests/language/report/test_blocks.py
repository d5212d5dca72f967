"""What check prints where the table is wider than the terminal: a block for each child, or for several."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigroute.language import load, outline
from sigroute.language.report.blocks import blocks
from sigroute.language.report.routes import Router
from sigroute.language.report.routing_table import tables
from sigroute.language.report.summary import summary

RULES = Path(__file__).parents[3] / "rules"

SEVEN = """\
[child.front]
command = ["nginx"]
like = "nginx"
[child.front.on]
stop = { send = "5s QUIT 10s TERM", again = "next" }
[child.php]
command = ["php-fpm"]
groups = ["app"]
program = "php-fpm"
starting.stop = { hold = "20s", else = "TERM" }
on.stop = { after = "front", send = "QUIT 5s KILL" }
[child.one]
command = ["worker"]
groups = ["app"]
[child.two]
command = ["worker", "--other"]
groups = ["app"]
[child.shipper]
command = ["ship"]
on.stop = { after = ["front", "@app"], send = "TERM" }
on.USR2 = { run = ["/usr/local/bin/test-the-configuration", "--verbose", "/etc/ship/ship.yaml"], send = "HUP" }
[child.three]
command = ["worker"]
groups = ["app"]
[child.edge]
command = ["nginx", "-c", "edge"]
like = "nginx"
[group.app.on]
HUP = "USR2"
[on]
"WINCH@tty" = "drop"
"""

SEVEN_BLOCKS = """

front:
  INT, QUIT, TERM, PWR, RTMIN+3    5s QUIT 10s TERM (again: next)
                                     [child.front.on.stop]
  WINCH@tty                        drop [on.WINCH@tty]
  WINCH@outside, WINCH@inside      forward [default]
  while starting:
    INT, QUIT, TERM, PWR, RTMIN+3  TERM [like nginx: child.nginx.starting.stop]

php:
  INT, QUIT, TERM, PWR, RTMIN+3    after front: QUIT 5s KILL [child.php.on.stop]
  HUP                              USR2 [group.app.on.HUP]
  WINCH@tty                        drop [on.WINCH@tty]
  WINCH@outside, WINCH@inside      forward [default]
  while starting:
    INT, QUIT, TERM, PWR, RTMIN+3  hold 20s, else TERM [child.php.starting.stop]

one, two, three:
  INT, QUIT, TERM, PWR, RTMIN+3  TERM (again: TERM) [default]
  HUP                            USR2 [group.app.on.HUP]
  WINCH@tty                      drop [on.WINCH@tty]
  WINCH@outside, WINCH@inside    forward [default]

shipper:
  INT, QUIT, TERM, PWR, RTMIN+3  after front, php, one, two, three: TERM
                                   [child.shipper.on.stop]
  USR2                           run /usr/local/bin/test-the-configuration
                                   --verbose /etc/ship/ship.yaml, then HUP
                                   (again: repeat) [child.shipper.on.USR2]
  WINCH@tty                      drop [on.WINCH@tty]
  WINCH@outside, WINCH@inside    forward [default]

edge:
  INT                              TERM [like nginx: child.nginx.on.INT]
  QUIT, TERM, PWR, RTMIN+3         QUIT (again: TERM on INT)
                                     [like nginx: child.nginx.on.stop]
  WINCH@tty                        drop [on.WINCH@tty]
  WINCH@outside, WINCH@inside      forward [default]
  while starting:
    INT, QUIT, TERM, PWR, RTMIN+3  TERM [like nginx: child.nginx.starting.stop]

every child:
  others that dump core  forward [default]
  all others             forward, unless it would kill [default]
"""


def router(folder: Path, text: str) -> Router:
    (folder / "rules.toml").write_text(text)
    return Router(outline(load(str(folder / "rules.toml"))))


def heads(folder: Path, text: str, width: int = 80) -> list[str]:
    """Return the first line of each block."""
    return [each.split("\n")[1] for each in blocks(router(folder, text), width)]


def test_seven_children(tmp_path: Path) -> None:
    assert "\n" + "\n".join(blocks(router(tmp_path, SEVEN), 80)) + "\n" == SEVEN_BLOCKS


def test_children_that_are_like_the_same_are_one_block(tmp_path: Path) -> None:
    child = '[child.{0}]\ncommand = ["nginx", "{0}"]\nlike = "nginx"\n'
    assert heads(tmp_path, child.format("a") + child.format("b")) == ["a, b:", "every child:"]
    assert heads(tmp_path, child.format("a") + child.format("b") + 'on.HUP = "drop"') == ["a:", "b:", "every child:"]
    assert heads(tmp_path, child.format("a") + child.format("b") + 'starting.HUP = "drop"')[:2] == ["a:", "b:"]


def test_children_with_the_same_actions_from_other_tables_are_one_block(tmp_path: Path) -> None:
    child = '[child.{0}]\ncommand = ["{0}"]\ngroups = [{1}]\n'
    groups = '[group.g.on]\nHUP = "USR1"\n[group.h.on]\nHUP = "USR2"\n'
    assert heads(tmp_path, child.format("a", '"g", "h"') + child.format("b", '"g"') + groups)[0] == "a, b:"
    assert heads(tmp_path, child.format("a", '"g"') + child.format("b", '"h"') + groups)[:2] == ["a:", "b:"]


def test_a_child_that_has_a_program_is_not_one_with_a_child_that_has_none(tmp_path: Path) -> None:
    text = '[child.a]\ncommand = ["a"]\nprogram = "a"\n[child.b]\ncommand = ["b"]\n'
    assert heads(tmp_path, text) == ["a:", "b:", "every child:"]


def test_of_many_equal_children_the_first_are_named(tmp_path: Path) -> None:
    text = "".join(f'[child.c{n}]\ncommand = ["c"]\n' for n in range(1_009))
    assert heads(tmp_path, text) == ["c0, c1, c2, c3, c4, c5, c6, c7 and 1,001 more:", "every child:"]
    assert heads(tmp_path, text, 40)[0] == "c0, c1, c2, c3, c4, c5, c6, c7 and 1,001"


def test_where_every_signal_has_a_rule_nothing_is_said_of_others(tmp_path: Path) -> None:
    signals = ", ".join(f'"{n}"' for n in (*range(1, 9), *range(10, 17), 18, *range(20, 32), *range(34, 65)))
    assert heads(tmp_path, f'[signals]\nstop = [{signals}]\n[child.a]\ncommand = ["a"]') == ["a:"]


@pytest.mark.parametrize("width", range(40, 400, 7))
def test_no_line_is_wider_than_the_terminal(tmp_path: Path, width: int) -> None:
    (tmp_path / "seven.toml").write_text(SEVEN)
    for file in (tmp_path / "seven.toml", *RULES.glob("*.toml")):
        for text in summary(load(str(file)), width):
            assert all(len(line) <= width for line in text.split("\n")), text


@pytest.mark.parametrize("width", range(80, 130))
def test_lines_are_wrapped_between_words(tmp_path: Path, width: int) -> None:
    """Both sides of a line are, so the words of a block are the same as without that, in another order."""
    made = router(tmp_path, SEVEN.replace("--verbose", "--with-all-that-is-in-it"))
    for narrow, whole in zip(blocks(made, width), blocks(made, 1_000), strict=True):
        assert sorted(narrow.split()) == sorted(whole.split())


@pytest.mark.parametrize("text", [SEVEN, '[child.a]\ncommand = ["a"]\nlike = "httpd"\n', ""])
def test_a_table_that_fits_stays_a_table(tmp_path: Path, text: str) -> None:
    made = router(tmp_path, text)
    table, resolved = list(tables(made)), load(str(tmp_path / "rules.toml"))
    widest = max(map(len, table))
    assert list(summary(resolved, widest))[: len(table)] == table
    below = list(blocks(made, widest - 1))
    assert list(summary(resolved, widest - 1))[: len(below)] == below
