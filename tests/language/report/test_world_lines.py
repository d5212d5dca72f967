"""The lines of ``check`` about what each child finds when it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language import load, outline
from sigroute.language.report.world_lines import worlds

if TYPE_CHECKING:
    from pathlib import Path


def lines(folder: Path, text: str) -> list[str]:
    """Return the lines for these rules."""
    (folder / "rules.toml").write_text(text)
    return list(worlds(outline(load(str(folder / "rules.toml")))))


def test_whoever_has_sigroutes_own_is_not_named(tmp_path: Path) -> None:
    assert lines(tmp_path, '[child.a]\ncommand = ["a"]\n[child.b]\ncommand = ["b"]\nnice = 5') == ["world of b: nice 5"]


def test_every_key_is_told(tmp_path: Path) -> None:
    text = """
[child.a]
command      = ["a"]
user         = "${USER:-app}:www-data"
extra-groups = ["video", "44"]
cwd          = "/srv"
umask        = "007"
env          = { KEY = "secret", HOME = false, "POD_*" = true }
env-file     = ["/etc/a.env", "/etc/b.env"]
limits       = { nofile = 65536, core = "0:unlimited", stack = "unlimited" }
nice         = 0
output       = "/var/log/\\u001ba.log"
"""
    (line,) = lines(tmp_path, text)
    assert line == (
        "world of a: user ${USER:-app}:www-data; extra-groups video, 44; cwd /srv; umask 007;"
        " env-file /etc/a.env, /etc/b.env; env KEY, HOME removed, POD_* kept;"
        " limits nofile 65536, core 0:unlimited, stack unlimited; nice 0; output /var/log/\\x1ba.log"
    )


def test_equal_worlds_share_a_line(tmp_path: Path) -> None:
    children = "".join(f'[child.c{number}]\ncommand = ["c"]\n' for number in range(10))
    assert lines(tmp_path, f'user = "app"\n{children}[child.own]\ncommand = ["o"]\nuser = "own"\n') == [
        "world of c0, c1, c2, c3, c4, c5, c6, c7, 2 more: user app",
        "world of own: user own",
    ]
