"""What a process finds at its start where sigroute may not do everything: Docker's root, and an ordinary user."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.pid1.kernel.worlds import DOCKER, elsewhere
from tests.real.require import need

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="folder")
def _folder(shared: Path) -> Path:
    """Return a folder that other users can enter; it has this test's users and groups."""
    need(os.geteuid() == 0 and shutil.which("setpriv"), "root and setpriv, to have fewer rights")
    return shared


def test_docker_s_root_can_do_all_but_raise_limits_and_lower_nice(folder: Path) -> None:
    secret = folder / "secret"
    secret.write_text("SECRET=1\n")
    secret.chmod(0o600)
    limits, user, higher, nicer, killed = elsewhere(
        folder,
        f"""
import resource
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (0, 1000))
told.append(seen(limits={{4: (500, 500)}})["limits"])
told.append(seen(user=b"app", env_files=({os.fsencode(secret)!r},), umask=0o77, nice=5, cwd=b"/usr", output=b"null"))
told.append(seen(limits={{4: (500, 1001)}}))
told.append(seen(nice=-5))
with started(user=b"app") as pid:
    told.append(shown(pid)["uids"])
""",
        DOCKER,
    )
    assert limits["Max core file size"] == ["500", "500"]
    assert (user["uids"], user["gids"], sorted(user["groups"])) == (["54321"], ["54322"], ["54322", "54330", "54331"])
    assert (user["umask"], user["nice"], user["cwd"], user["descriptors"]["1"]) == ("0077", 5, "/usr", "/dev/null")
    assert "SECRET=1" in user["environ"]  # it need not be readable for the user
    refused = "Operation not permitted (a hard limit above the present one needs CAP_SYS_RESOURCE)"
    assert higher == f"0 world: limits.core: {refused}"
    assert nicer == "0 world: nice -5: Permission denied (below the present one it needs CAP_SYS_NICE)"
    assert killed == ["54321"]


def test_root_without_capabilities_is_root_only(folder: Path) -> None:
    code = """
os.setgroups([0, 54330])
told.append(seen(user=b"root")["groups"])
told.append(seen(user=b"app"))
told.append(seen(user=b"app", group=b"0"))
"""
    drops = ("setpriv", "--inh-caps=-all", "--bounding-set=-all,+setgid,+dac_read_search")
    same, other, _ = elsewhere(folder, code, drops)
    assert sorted(same) == ["0", "54330"]
    assert other == "0 world: user app: Operation not permitted (it needs CAP_SETUID)"
    none = ("setpriv", "--inh-caps=-all", "--bounding-set=-all,+dac_read_search", "--groups=0,54330")
    same, other, third = elsewhere(folder, code.replace("os.setgroups([0, 54330])", ""), none)
    assert sorted(same) == ["0", "54330"]
    assert other == "0 world: groups of user app: Operation not permitted (it needs CAP_SETGID)"
    assert third == "0 world: groups of user app:0: Operation not permitted (it needs CAP_SETGID)"


#: What an ordinary user gets: 54321, group 54322, and 54330 beside it.
ORDINARY = [
    ("umask=0o77, nice=5, cwd=b'/usr', output=b'null', limits={4: (0, 0)}", ""),
    ("user=b'app'", ""),  # it is that
    ("user=b'54321'", ""),
    ("user=b'54321', group=b'54322', extra_groups=(b'54330',)", ""),
    ("user=b'app', group=b'log'", ""),
    ("user=b'root'", ""),
    ("user=b'app', extra_groups=(b'log',)", ""),
    ("user=b'0'", "user 0 can't be had: "),
    ("user=b'54321', group=b'54330'", "group 54330 can't be had: "),
    ("user=b'root', extra_groups=(b'7',)", "group 7 can't be had: "),
]


def test_an_ordinary_user_runs_everything_as_itself_but_no_other_number(folder: Path) -> None:
    code = "drop(54321, 54322, 54330)\n" + "".join(f"told.append(seen({fields}))\n" for fields, _ in ORDINARY)
    for (fields, refusal), found in zip(ORDINARY, elsewhere(folder, code), strict=True):
        if refusal:
            reason = f"0 world: {refusal}sigroute is not root, but has user 54321 and group 54322"
            assert found == reason, fields
        else:
            assert (found["uids"], found["gids"]) == (["54321"], ["54322"]), fields
            assert found["groups"] == ["54330"], fields
            is_its_own = "'app'" in fields or "'54321'" in fields
            assert ("HOME=" in str(found["environ"])) == is_its_own, fields


#: What else an ordinary user asks for, and what the kernel says to that.
REFUSED = [
    ("limits={4: (1, 2)}", "limits.core: Operation not permitted (a hard limit above the present one needs"),
    ("nice=-5", "nice -5: Permission denied (below the present one it needs CAP_SYS_NICE)"),
    ("cwd=b'/root'", "cwd /root: Permission denied (as user 54321, group 54322)"),
    ("output=b'/etc/out'", "output /etc/out: Permission denied (as user 54321, group 54322)"),
    ("user=b'nope'", 'user "nope" is not in '),
    ("env_files=(b'/etc/shadow',)", "env-file /etc/shadow: Permission denied"),
]


def test_what_an_ordinary_user_may_not_do(folder: Path) -> None:
    before = "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (0, 1))\ndrop(54321, 54322, 54330)\n"
    code = before + "".join(f"told.append(seen({fields}))\n" for fields, _ in REFUSED)
    for (fields, reason), found in zip(REFUSED, elsewhere(folder, code), strict=True):
        assert found.startswith(f"0 world: {reason}"), fields


def test_who_can_not_be_had_is_said_once_and_for_all(folder: Path) -> None:
    code = """
worlds = [
    World(user=b"root"), World(user=b"root", group=b"log"), World(user=b"app"), World(umask=0), World(user=b"54321"),
    World(user=b"nope"), World(extra_groups=(b"www", b"log")),
]
told.append(notes(*worlds))
drop(54321, 54322, 54330)
told.append(notes(*worlds))
told.append(notes(World(user=b"app"), World(user=b"54321", group=b"54322")))
"""
    said = 'not root, so user "root", group "log" can\'t be had: processes run as user 54321, as sigroute does'
    assert elsewhere(folder, code) == [[], [said], []]
