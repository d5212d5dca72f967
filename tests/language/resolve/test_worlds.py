"""The world of each child: what it says itself, then its groups, then the top of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language import load, outline
from sigroute.pid1.plan import World

if TYPE_CHECKING:
    from pathlib import Path


def worlds(folder: Path, text: str) -> dict[str, World]:
    """Return the world of each child of these rules."""
    (folder / "rules.toml").write_text(text)
    return {child.name: child.world for child in outline(load(str(folder / "rules.toml"))).children}


def test_a_child_that_says_nothing_finds_what_sigroute_has(tmp_path: Path) -> None:
    assert worlds(tmp_path, '[child.a]\ncommand = ["a"]') == {"a": World()}


def test_every_key_has_its_field(tmp_path: Path) -> None:
    text = """
[child.a]
command      = ["a"]
user         = "app:www-data"
extra-groups = ["video", "44"]
cwd          = "/srv"
umask        = "027"
env          = { LANG = "C", HOME = false, PATH = true, "*" = false }
env-file     = ["/etc/a.env", "/etc/b.env"]
limits       = { nofile = 65536, core = "0:unlimited" }
nice         = -5
output       = "/var/log/a.log"
"""
    assert worlds(tmp_path, text)["a"] == World(
        user=b"app",
        group=b"www-data",
        extra_groups=(b"video", b"44"),
        cwd=b"/srv",
        umask=0o27,
        env={b"LANG": b"C", b"HOME": False, b"PATH": True, b"*": False},
        env_files=(b"/etc/a.env", b"/etc/b.env"),
        limits={7: (65536, 65536), 4: (0, -1)},
        nice=-5,
        output=b"/var/log/a.log",
    )


LAYERS = """
user     = "top"
umask    = "022"
nice     = 1
env-file = "/top.env"
env      = { A = "top", B = "top", C = "top" }
limits   = { nofile = 1, nproc = 1 }

[group.first]
nice   = 2
umask  = "027"
env    = { A = "first", B = "first" }
limits = { nofile = 2 }

[group.second]
nice = 3
cwd  = "/second"
env  = { B = "second", D = "second" }

[child.own]
command  = ["own"]
groups   = ["first", "second"]
nice     = 4
env      = { A = "own", C = true }
env-file = []
limits   = { core = 0 }

[child.member]
command = ["member"]
groups  = ["second", "first"]

[child.other]
command = ["other"]
"""


def test_the_first_that_says_wins(tmp_path: Path) -> None:
    found = worlds(tmp_path, LAYERS)
    assert [each.nice for each in found.values()] == [4, 3, 1]
    assert [each.umask for each in found.values()] == [0o27, 0o27, 0o22]
    assert [each.cwd for each in found.values()] == [b"/second", b"/second", b""]
    assert {each.user for each in found.values()} == {b"top"}


def test_variables_and_limits_merge_name_by_name(tmp_path: Path) -> None:
    found = worlds(tmp_path, LAYERS)
    assert found["own"].env == {b"A": b"own", b"B": b"first", b"C": True, b"D": b"second"}
    assert found["member"].env == {b"A": b"first", b"B": b"second", b"C": b"top", b"D": b"second"}
    assert found["own"].limits == {4: (0, 0), 7: (2, 2), 6: (1, 1)}
    assert found["other"].limits == {7: (1, 1), 6: (1, 1)}


def test_an_empty_list_is_none_and_not_silence(tmp_path: Path) -> None:
    found = worlds(tmp_path, LAYERS)
    assert [each.env_files for each in found.values()] == [(), (b"/top.env",), (b"/top.env",)]


def test_groups_beside_a_user_are_for_that_user(tmp_path: Path) -> None:
    """Whoever is another user was not meant to have its groups; without a user beside them, they are for all."""
    text = """
user         = "app"
extra-groups = ["docker"]
[group.seeing]
extra-groups = ["video"]
[child.same]
command = ["same"]
[child.other]
command = ["other"]
user    = "nobody"
[child.seeing]
command = ["seeing"]
groups  = "seeing"
user    = "nobody"
[child.none]
command      = ["none"]
extra-groups = []
"""
    found = worlds(tmp_path, text)
    groups = {name: each.extra_groups for name, each in found.items()}
    assert groups == {"same": (b"docker",), "other": (), "seeing": (b"video",), "none": ()}


def test_a_user_of_its_own_does_not_take_the_group_of_an_outer_one(tmp_path: Path) -> None:
    found = worlds(tmp_path, 'user = "app:www-data"\n[child.a]\ncommand = ["a"]\nuser = "db"')
    assert (found["a"].user, found["a"].group) == (b"db", b"")


def test_the_only_child_has_the_world_of_the_top(tmp_path: Path) -> None:
    assert worlds(tmp_path, 'user = "app"') == {"the command": World(user=b"app")}


def test_like_brings_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "liked.toml").write_text('user = "a"\n[child.x]\nnice = 5\ngroups = "g"\n[group.g]\numask = "077"\n')
    assert worlds(tmp_path, '[child.a]\ncommand = ["a"]\nlike = "./liked.toml"') == {"a": World()}
