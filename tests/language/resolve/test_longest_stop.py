"""How long a stop may take by the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sigroute.language import load
from sigroute.language.resolve.longest_stop import longest_stop

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.language.resolve.longest_stop import LongestStop


def longest(folder: Path, text: str) -> LongestStop:
    (folder / "rules.toml").write_text(text)
    return longest_stop(load(str(folder / "rules.toml")))


@pytest.mark.parametrize(
    ("text", "milliseconds", "path"),
    [
        ("", 5_000, "drain 5s"),
        ('[drain]\nwait = "0s"', 0, "drain 0s"),
        ('[on]\nstop = "5s QUIT 10s KILL"', 20_000, "the command 15s + drain 5s"),
        ('[on]\n"TERM@tty" = "7s QUIT"', 12_000, "the command 7s + drain 5s"),
        ('[on]\nHUP = "100s QUIT"', 5_000, "drain 5s"),
        ('[on]\nstop = { run = ["x"], send = "1s TERM", else = "3s TERM" }', 18_000, "the command 13s + drain 5s"),
        (
            '[on]\nstop = { run = ["x"], timeout = "1s", send = "4s TERM", else = "TERM" }',
            10_000,
            "the command 5s + drain 5s",
        ),
        ('[child.a]\nprogram = "a"\non.stop = "2s QUIT"\nstarting.stop = "9s TERM"', 14_000, "a 9s + drain 5s"),
        (
            '[child.a]\nprogram = "a"\non.stop = "2s QUIT"\nstarting.stop = { hold = "20s", else = "TERM 9s KILL" }',
            34_000,
            "a 29s + drain 5s",
        ),
        ('grace = "60s"\n[child.a]\nprogram = "a"\nstarting.stop = "hold"', 60_000, "a held 1m"),
        (
            'grace = "60s"\n[child.a]\nprogram = "a"\non.stop = "58s QUIT"\nstarting.stop = "hold"',
            63_000,
            "a 58s + drain 5s",
        ),
    ],
)  # fmt: skip
def test_the_longest_path(tmp_path: Path, text: str, milliseconds: int, path: str) -> None:
    found = longest(tmp_path, text)
    assert (found.milliseconds, str(found)) == (milliseconds, path)


def test_a_chain_of_a_thousand(tmp_path: Path) -> None:
    lines = ['[child.c0]\ncommand = ["c"]\non.stop = "1ms TERM"']
    lines += [
        f'[child.c{n}]\ncommand = ["c"]\non.stop = {{ after = "c{n - 1}", send = "1ms TERM" }}' for n in range(1, 1_000)
    ]
    assert longest(tmp_path, "\n".join(lines)).milliseconds == 6_000


def chain(*seconds: int) -> str:
    """Return the text of children that stop one after the other, c0 first."""
    waits = ["", *(f'after = "c{n}", ' for n in range(len(seconds) - 1))]
    text = '[child.c{}]\ncommand = ["c"]\non.stop = {{ {}send = "{}s TERM" }}\n'
    return "".join(text.format(n, waits[n], each) for n, each in enumerate(seconds))


@pytest.mark.parametrize(
    ("seconds", "advice"),
    [
        ((0, 0), "drain 5s: shorten that"),
        ((1, 2), "c0 1s + c1 2s + drain 5s: shorten drain, which takes 5s"),
        ((7, 6), "c0 7s + c1 6s + drain 5s: shorten c0, which takes 7s"),
        ((*[1] * 8, 9), f"{'c{} 1s + ' * 8}c{{}} 9s + drain 5s: shorten c8, which takes 9s"),
        ((*[1] * 9, 9), f"{'c{} 1s + ' * 8}2 more 10s + drain 5s: shorten c9, which takes 9s"),
    ],
)
def test_a_chain_is_a_sum_with_one_link_to_shorten(tmp_path: Path, seconds: tuple[int, ...], advice: str) -> None:
    assert longest(tmp_path, chain(*seconds)).advice == advice.format(*range(9))
