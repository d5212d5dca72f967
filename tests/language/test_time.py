"""No text of the size that is read takes long, as a container's start waits for it: `check` of 256 KiB takes seconds.

Each case is a form that once took minutes, or one that a search for more of the kind tried: a beginning, what is
repeated until the file is full, an end.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sigroute.check import main
from sigroute.language.read.signals import UNRECEIVABLE
from sigroute.language.read.source import LARGEST
from sigroute.pid1.names import RTMAX, name_of
from sigroute.pid1.plan import SENDERS

if TYPE_CHECKING:
    from pathlib import Path

#: Seconds of this process: several times what it takes, as a busy machine lets each second do less.
LONGEST = 12

TWICE = '[on]\nHUP = "TERM"\n'
CHILD = "[child.c{0}]\ncommand=['c']\n"
STARTS = CHILD + "program='p'\nstarting.stop={{hold='9s',else='TERM'}}\n"


def filled(begin: str, part: str, end: str = "") -> str:
    """Return a text that fills a file; a part may have its number."""
    parts: list[str] = []
    left = LARGEST - len((begin + end).encode())
    while (left := left - len(part.format(len(parts)).encode())) >= 0:
        parts.append(part.format(len(parts)))
    return begin + "".join(parts) + end


def waiting(children: int, waiters: int) -> str:
    """Return the text of children of which so many wait for the next, the last for the first."""
    stops = [f"on.stop={{after='c{(index + 1) % children}',send='1s TERM'}}\n" for index in range(waiters)]
    return "".join(CHILD.format(index) + (stops[index] if index < waiters else "") for index in range(children))


def followers(begin: str, each: str) -> str:
    """Return the text of a child that stops first, and of all the others that wait for it."""
    return filled(begin + CHILD.format("front"), CHILD + f"on.stop={{{{after='cfront',{each}}}}}\n")


def members(children: int, groups: int) -> str:
    """Return the text of children in as many groups, of which the first two decide."""
    names = ",".join(f"'g{index}'" for index in range(groups))
    tables = [f"[group.g{index}.on]\nHUP='USR{1 + index % 2}'\n" for index in range(groups)]
    return "".join(CHILD.format(index) + f"groups=[{names}]\n" for index in range(children)) + "".join(tables)


def every_rule() -> str:
    """Return the rules of a table: for each signal from each sender, and from everybody."""
    names = [name_of(number) for number in range(1, RTMAX + 1) if number not in UNRECEIVABLE]
    keys = [name + sender for name in names for sender in ("", *(f"@{sender}" for sender in SENDERS[:3]))]
    texts = ("5s TERM", "forward", "drop", "QUIT 3s KILL")
    return "".join(f"'{key}'='{texts[index // 4 % 4]}'\n" for index, key in enumerate(keys))


CASES = {
    "a key twice, the second in many parts": filled(TWICE + 'HUP = """\n', "a.", '"""\n'),
    "a key twice, the second of blanks": filled(TWICE + 'HUP = """\n', " ", '"""\n'),
    "a table twice, its header of blanks": filled(TWICE + "[on", " ", "]\n"),
    "a key of blanks": filled("[on]\n", " ", "?\n"),
    "a key of carriage returns": filled("[on]\n", "\r", "]\n"),
    "wrong words": filled('[on]\nHUP = "', "TREM ", '"\n'),
    "wrong words, each another": filled('[on]\nHUP = "', "TR{0} ", '"\n'),
    "wrong words with commas": filled('[on]\nHUP = "', "nginx && ", '"\n'),
    "a command as a string": filled('[child.a]\ncommand = "', "] ", '"\n'),
    "groups that are numbers": filled("[child.a]\ngroups = [", "1.5, ", "]\n"),
    "keys on one line": filled("on = { ", "a{0} = 1, ", "b = 1 }\n"),
    "an open array": filled("[on]\nHUP = [", "'a', # [\n"),
    "an open array of open strings": filled("[on]\nHUP = [", '"""a\'""""", \'"\',\n'),
    "waits": filled("[on]\nTERM = '", "1s ", "'\n"),
    "waits and wrong words": filled("[on]\nTERM = '", "1s QIUT ", "'\n"),
    "unknown names to wait for": filled("", CHILD + "on.stop = {{ after = 'x{0}', send = 'TERM' }}\n"),
    "like a bad file": filled("", CHILD + "like = 'bad.toml'\n"),
    "like no file": filled("", CHILD + "like = 'bad{0}'\n"),
    "a class of one signal": filled("[signals]\na = [", "'HUP',", "]\n"),
    "groups without rules": filled("[child.a]\ngroups = [", "'{0}',", "]\n"),
    "group tables": filled("", "[group.g{0}.on]\nHUP = 'TERM'\n"),
    "children in many groups": members(4, 3_000),
    "keys of many parts": filled("[on]\n", "a{0}" + ".a" * 900 + " = 1\n"),
    "a long name": filled("[child." + "a" * 130_000 + ".on]\n", "x{0} = 'TERM'\n"),
    "valid children": filled("", CHILD + "on.stop = '{0}ms QUIT'\n"),
    "valid children without rules": filled("", CHILD),
    "valid children with many rules": filled("", CHILD + "".join(f"on.{number}='drop'\n" for number in range(34, 65))),
    "valid children with rules for senders": filled("", CHILD + "on.'INT@tty'='drop'\non.'TERM@outside'='QUIT'\n"),
    "valid children that are starting": filled("", STARTS + "on.stop='QUIT'\n"),
    "valid children that are starting, in a group": filled(
        "grace='25s'\n[group.g.on]\nHUP='USR2'\n", STARTS + "groups='g'\non.stop={{send='5s QUIT',again='next'}}\n"
    ),
    "valid children in a group": filled("[group.g.on]\nstop='QUIT'\nHUP='USR2'\n", CHILD + "groups='g'\n"),
    "valid children each in a group": filled("", CHILD + "groups='g{0}'\n[group.g{0}.on]\nstop='QUIT'\n"),
    "valid children in groups that disagree": filled(
        "[group.g.on]\nHUP='USR2'\n[group.h.on]\nHUP='drop'\n", CHILD + "groups=['g','h']\n"
    ),
    "valid children like nginx": filled("", CHILD + "like='nginx'\non.HUP='drop'\n"),
    "valid children that are their trees": filled("", CHILD + "exited='tree'\non.stop='TERM'\n"),
    "valid children that a resize stops": filled("[signals]\nstop=['+WINCH']\n", CHILD + "on.stop='QUIT'\n"),
    "a signal from one sender in the class": filled("[signals]\nstop=['+WINCH@outside']\n", CHILD + "on.stop='QUIT'\n"),
    "valid children that have every rule in common": filled(f"[on]\n{every_rule()}", CHILD),
    "valid children in groups that have every rule": filled(
        f"[group.g.on]\n{every_rule()}[group.h.on]\n{every_rule()}[on]\n{every_rule()}", CHILD + "groups=['g','h']\n"
    ),
    "valid children with a long action in common": filled(f"[on]\nHUP='{'1ms TERM ' * 14_000}'\n", CHILD),
    "rules that change nothing": filled("", CHILD + "on.TERM='TERM'\n"),
    "rules that never apply": filled("[on]\nHUP='drop'\n", CHILD + "on.HUP='USR1'\n"),
    "valid children that wait for one": followers("", "send='1s TERM'"),
    "valid children that wait for one, for too long": followers("grace='5s'\n", "send='9s TERM'"),
    "a chain": waiting(3_900, 3_899),
    "a circle": waiting(3_900, 3_900),
    "a group whose members wait for it": filled(
        "", CHILD + "groups = 'g'\non.stop = {{ after = '@g', send = 'TERM' }}\n"
    ),
    "many that wait for many": filled(
        "", CHILD + "groups = 'g'\n[child.d{0}]\ncommand = ['d']\non.stop = {{ after = '@g', send = 'TERM' }}\n"
    ),
    "many that wait for a group that is deaf": filled(
        "[group.g.on]\nstop = 'drop'\n",
        CHILD + "groups = 'g'\n[child.d{0}]\ncommand = ['d']\non.stop = {{ after = '@g', send = 'TERM' }}\n",
    ),
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES.keys())
def test_no_text_takes_long(tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert len(text.encode()) <= LARGEST
    (tmp_path / "bad.toml").write_text(filled("", "a{0} = 1\n", "[on]\n"))
    (tmp_path / "rules.toml").write_text(text, newline="")
    begin = time.process_time()
    main([str(tmp_path / "rules.toml")])
    assert time.process_time() - begin < LONGEST
    assert len(capfd.readouterr().err) < LARGEST, "what is said of a file is shorter than the file"


def test_a_thousand_children_take_less_than_a_second(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With a block for each. A busy machine makes several seconds of one, as above."""
    text = "".join((STARTS + "on.stop='{0}ms QUIT'\non.HUP='USR1'\n").format(index) for index in range(1_000))
    (tmp_path / "rules.toml").write_text(text)
    begin = time.process_time()
    main([str(tmp_path / "rules.toml")])
    assert time.process_time() - begin < LONGEST / 4
    assert capfd.readouterr().out.count("\nc") == 1_000
