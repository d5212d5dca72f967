"""What a process finds at its start, as root: on the real process, as the kernel shows it."""

from __future__ import annotations

import os
import resource
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sigroute.pid1.engine.effects import Kill, Run, Spawn
from sigroute.pid1.engine.events import RunStarted, Spawned
from sigroute.pid1.kernel.options import DEFAULT_START
from sigroute.pid1.kernel.seam import Kernel
from sigroute.pid1.kernel.start import CannotRunError
from sigroute.pid1.plan import ChildPlan, Plan, World
from tests.pid1.kernel.starting import environment, start
from tests.pid1.kernel.worlds import PATH, SLEEPS, seen, shown, started
from tests.real.require import need


@pytest.fixture(name="folder", autouse=True)
def _folder(shared: Path) -> Path:
    """Return a folder that other users can enter; it has this test's users and groups."""
    need(os.geteuid() == 0, "root, to be other users")
    return shared


#: By user, group, extra groups: the uid, the gid, the groups, HOME, and USER.
WHO = [
    ((b"app", b"", ()), (54321, 54322, {54322, 54330, 54331}, "/srv/app", "app")),
    ((b"54321", b"", ()), (54321, 54322, {54322, 54330, 54331}, "/srv/app", "app")),
    ((b"app", b"www", ()), (54321, 54330, {54330}, "/srv/app", "app")),
    ((b"app", b"54399", (b"log", b"7")), (54321, 54399, {54399, 54331, 7}, "/srv/app", "app")),
    ((b"homeless", b"", ()), (54323, 54323, {54323, 54332}, "/", "homeless")),
    ((b"54399", b"54398", ()), (54399, 54398, {54398}, "/", "54399")),
    ((b"root", b"", ()), (0, 0, {0, 54330}, "/root", "root")),
]


@pytest.mark.parametrize(("asked", "got"), WHO)
def test_user_and_groups(
    asked: tuple[bytes, bytes, tuple[bytes, ...]], got: tuple[int, int, set[int], str, str]
) -> None:
    user, group, extra = asked
    uid, gid, groups, home, name = got
    found = seen({**PATH, b"HOME": b"/root", b"USER": b"root"}, user=user, group=group, extra_groups=extra)
    assert (found["uids"], found["gids"]) == ([str(uid)], [str(gid)])
    assert {*found["groups"]} == {str(each) for each in groups}
    assert sorted(found["environ"]) == [f"HOME={home}", f"LOGNAME={name}", "PATH=/usr/bin:/bin", f"USER={name}"]
    assert bool(found["capabilities"]) == (uid == 0)


def test_groups_come_to_those_that_sigroute_has() -> None:
    found = seen(extra_groups=(b"www", b"7"))
    assert {*found["groups"]} == {"54330", "7", *map(str, [os.getegid(), *os.getgroups()])}
    assert found["uids"] == ["0"]
    assert found["environ"] == ["PATH=/usr/bin:/bin"]


def test_everything_else() -> None:
    limits = {resource.RLIMIT_NOFILE: (100, 200), resource.RLIMIT_CORE: (0, -1), resource.RLIMIT_CPU: (60, 61)}
    found = seen(cwd=b"/usr", umask=0o27, limits=limits, nice=7)
    assert (found["cwd"], found["umask"], found["nice"]) == ("/usr", "0027", 7)
    assert found["limits"]["Max open files"] == ["100", "200"]
    assert found["limits"]["Max core file size"] == ["0", "unlimited"]
    assert found["limits"]["Max cpu time"] == ["60", "61"]


def test_what_is_open_in_pid_1_does_not_count_for_the_limit(folder: Path) -> None:
    with ExitStack() as stack:
        for _ in range(40):
            stack.enter_context(Path(os.devnull).open("rb"))
        found = seen(limits={resource.RLIMIT_NOFILE: (16, 16)}, output=bytes(folder / "output"))
    assert found["limits"]["Max open files"] == ["16", "16"]


def test_a_world_that_says_one_thing_leaves_all_others() -> None:
    with started() as pid:
        plain = shown(pid)
    found = seen(umask=0o77)
    assert found.pop("umask") == "0077"
    del plain["umask"]
    for each in (found, plain):
        each["environ"] = [
            word for word in each["environ"] if not word.startswith(("LINES=", "COLUMNS="))
        ]  # readline's
    assert found == plain


def test_output_is_appended_to_with_the_rights_of_the_user(folder: Path) -> None:
    logs = folder / "logs"
    logs.mkdir()
    os.chown(logs, 54321, 54322)
    path = logs / "out"
    found = seen(user=b"app", umask=0o27, output=os.fsencode(path))
    assert {found["descriptors"][each] for each in "12"} == {str(path)}
    assert found["descriptors"].keys() == seen(umask=0)["descriptors"].keys()
    status = path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (54321, 54322, 0o640)
    path.write_text("before\n")
    with started(output=os.fsencode(path)) as pid, open(f"/proc/{pid}/fd/2", "a") as opened:  # noqa: PTH123
        opened.write("after\n")
    assert path.read_text() == "before\nafter\n"


def test_output_to_nowhere() -> None:
    found = seen(output=b"null")
    assert [found["descriptors"][each] for each in "12"] == ["/dev/null"] * 2


MISSING: list[tuple[dict[str, Any], str]] = [
    ({"user": b"nope"}, 'user "nope" is not in {folder}/passwd'),
    ({"user": b"broken"}, 'user "broken" is not in {folder}/passwd'),
    ({"user": b"unchanged"}, 'user "unchanged" is not in {folder}/passwd'),
    ({"user": b"54399"}, 'user 54399 is not in {folder}/passwd, so its group is unknown: write "54399:GROUP"'),
    ({"user": b"4294967295", "group": b"1"}, "4294967295 is no number of a user or group: they end at 4294967294"),
    ({"user": b"app", "group": b"nope"}, 'group "nope" is not in {folder}/group'),
    ({"extra_groups": (b"broken",)}, 'group "broken" is not in {folder}/group'),
    ({"cwd": b"/no/where"}, "cwd /no/where: No such file or directory"),
    ({"cwd": b"/etc/passwd"}, "cwd /etc/passwd: Not a directory"),
    ({"cwd": b"{folder}/root", "user": b"app"}, "cwd {folder}/root: Permission denied (as user 54321, group 54322)"),
    ({"output": b"/no/where"}, "output /no/where: No such file or directory"),
    ({"output": b"/etc/x", "user": b"app"}, "output /etc/x: Permission denied (as user 54321, group 54322)"),
    ({"limits": {7: (9, 5)}}, "limits.nofile: Invalid argument"),
    ({"env_files": (b"/no/where",)}, "env-file /no/where: No such file or directory"),
    ({"env_files": (b"/etc",)}, "env-file /etc: it is not a regular file"),
]


@pytest.mark.parametrize(("fields", "reason"), MISSING)
def test_what_is_missing(fields: dict[str, Any], reason: str, folder: Path) -> None:
    """As a number of an error it has none: 126, whatever is missing."""
    (folder / "root").mkdir(mode=0o700)
    here = {"cwd": fields["cwd"].replace(b"{folder}", os.fsencode(folder))} if "cwd" in fields else {}
    assert seen(**fields | here) == f"0 world: {reason.format(folder=folder)}"


def test_without_the_files_numbers_do(folder: Path) -> None:
    (folder / "passwd").unlink()
    (folder / "group").unlink()
    assert seen(user=b"54399", group=b"54398")["uids"] == ["54399"]
    assert seen(user=b"app") == f'0 world: user "app" is not in {folder}/passwd'
    os.mkfifo(folder / "passwd")
    assert seen(user=b"app") == f"0 world: {folder}/passwd: it is not a regular file"


def test_the_program_is_looked_for_with_the_variables_of_the_child() -> None:
    assert isinstance(seen({}, env={b"PATH": b"/bin:/usr/bin"}), dict)
    assert seen(env={b"PATH": b"/nowhere"}) == "2 exec: 'sleep' was not found in PATH"


def kernel_of(**fields: Any) -> Kernel:
    """Return a kernel seam with a child of this world."""
    child = ChildPlan(name="child", argv=SLEEPS, running=0, starting=0, world=World(**fields))
    return Kernel(Plan(children=(child,), tables=(), actions=(), stop_signals=frozenset()))


def test_a_command_of_an_action_finds_the_world_of_its_child(folder: Path) -> None:
    kernel = kernel_of(user=b"app", cwd=b"/usr", umask=0o27, env={b"A": b"1"}, output=os.fsencode(folder / "out"))
    with environment(PATH):
        event = kernel.perform(Run(run=0, child=0, argv=SLEEPS))
    assert isinstance(event, RunStarted)
    while kernel.starts.is_late(event.pid):
        os.sched_yield()
    found = shown(event.pid)
    assert (found["uids"], found["cwd"], found["umask"]) == (["54321"], "/usr", "0027")
    assert "A=1" in found["environ"]
    assert found["descriptors"]["0"] == "/dev/null"
    assert not (folder / "out").exists()
    assert kernel.perform(Kill(child=0, pid=event.pid, signal=signal.SIGTERM)) is None
    assert os.waitstatus_to_exitcode(os.waitpid(event.pid, 0)[1]) == -signal.SIGTERM


def test_a_command_whose_world_is_missing_says_so() -> None:
    with pytest.raises(CannotRunError, match='"nope" is not in'):
        start(SLEEPS, PATH, DEFAULT_START, quiet=True, world=World(user=b"nope"))


def test_nobody_waits_for_an_output_that_nobody_reads(folder: Path) -> None:
    """Only the child does, and a signal ends it."""
    path = folder / "fifo"
    os.mkfifo(path)
    kernel = kernel_of(output=os.fsencode(path))
    event = kernel.perform(Spawn(child=0))
    assert isinstance(event, Spawned)
    assert kernel.starts.is_late(event.pid)
    os.kill(event.pid, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(event.pid, 0)[1]) == -signal.SIGTERM
