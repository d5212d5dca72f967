"""A set-up's container: prepared, started, looked into."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.real import standins
from tests.real.container import Container, children, title_of
from tests.real.traffic import until

from .sayings import Sayings
from .world import REAL, SILENT, WORLDS

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]
RULES = REPOSITORY / "tests" / "data" / "setups"

#: Executes a command once the loopback, the only interface, is up (SIOCSIFFLAGS, IFF_UP: netdevice(7)).
LO_UP = (
    "import fcntl, os, socket, struct, sys; "
    "fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sh', b'lo', 1)); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)

#: What the log calls a signal to a child.
SENT = ("sent", "sent-group", "sent-member")


class Box(Container):
    """Runs the rule file of a set-up."""

    def __init__(self, name: str, folder: Path, init: Sequence[str], database: Path | None) -> None:
        self.says = Sayings(RULES / f"{name}.toml")
        self.world = WORLDS[name]
        self.folder = folder
        self.parsed: tuple[str, list[dict[str, Any]]] = ("", [])
        self.expected = set(self.says.members) - self.world.left_out
        self._make_files(folder / "files", database)
        seen = {str(REPOSITORY), sys.prefix, sys.base_prefix, str(folder), "/proc", "/dev", "/sys"}
        command = [
            *("unshare", "--net", "--ipc", "--", "/usr/bin/python3", "-ISc", LO_UP),
            *(str(HERE / "become.sh"), str(folder), *sorted(seen), "--"),
            *(*init, *self.world.command),
        ]
        super().__init__(folder, command)
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin"
        self.environment = {"PATH": path, **self.world.environ}

    def _make_files(self, files: Path, database: Path | None) -> None:
        """Make what its root has over the machine's."""
        for folder in (files, self.folder / "top", self.folder / "notes"):
            folder.mkdir()
        notes = self.folder / "notes" / "notes"
        notes.touch()
        notes.chmod(0o666)  # whoever the stand-ins run as
        shutil.copytree("/etc/nginx", files / "etc" / "nginx")
        for number, user in enumerate(self.world.users, 2001):
            for file, line in (
                ("passwd", f"{user}:x:{number}:{number}::/home/{user}:/bin/sh"),
                ("group", f"{user}:x:{number}:"),
            ):
                path = files / "etc" / file
                path.write_text((path if path.exists() else Path("/etc", file)).read_text() + f"{line}\n")
        self._make_commands(files)
        named = (self.says.value(name, "cwd", "") for name in self.says.members)
        for folder_name in (*self.world.folders, *(name for name in named if name.startswith("/"))):
            path = files / folder_name[1:]
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o777)
        for name, text in self.world.files.items():
            path = files / name[1:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o755 if text.startswith("#!") else 0o644)
        if database:
            there = files / self.world.database[1:]
            there.parent.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "--archive", "--link", str(database), str(there)], check=True)

    def _make_commands(self, files: Path) -> None:
        words = [*(command[0] for command in self.says.commands()), *self.world.command[:1], *self.world.further]
        there = REAL - self.world.unreal | {Path(path).name for path in self.world.files}
        names = {word for word in words if Path(word).name not in there}
        standins.install(names, files / "usr" / "local" / "bin", "/run/notes/notes", files)

    def events(self, *names: str, child: str | None = None) -> list[dict[str, Any]]:
        """Return these lines of sigroute's log, in order; those of one child if it is named."""
        text = self.log()
        if text != self.parsed[0]:  # it is asked for much more often than it changes
            lines = (line[line.find("{") :] for line in text.splitlines() if '{"time"' in line)
            self.parsed = text, [json.loads(line) for line in lines if line.endswith("}")]
        return [each for each in self.parsed[1] if each["event"] in names and child in (None, each.get("child"))]

    def notes(self) -> list[standins.Note]:
        """Return what the stand-ins have noted."""
        return standins.read(self.folder / "notes" / "notes")

    def lives(self) -> dict[str, int]:
        """Return the pid, in its namespace, of each child's present or last life."""
        return {each["child"]: each["pid"] for each in self.events("started") if self.base(each["child"])}

    def base(self, name: str) -> str:
        """Return the child in the file that this one is an instance of; empty for a task."""
        base = name if name in self.says.members else name.rpartition(".")[0]
        return base if base in self.says.children else ""

    def is_up(self, name: str) -> bool:
        """Tell whether a child runs and is ready in its present life, as the log and its own notes say."""
        mine = self.events("started", "is-ready", "exited", "killed", child=name)
        if not mine or mine[-1]["event"] in {"exited", "killed"}:
            return False
        if self.says.value(self.base(name), "ready") is not None and mine[-1]["event"] != "is-ready":
            return False
        noted = [note.what for note in self.notes() if note.pid == mine[-1].get("pid", self.lives()[name])]
        return noted[-1:] == ["up"] or self.is_silent(name)

    def is_silent(self, name: str) -> bool:
        """Tell whether a child is a real program, which makes no notes."""
        command = self.says.children[self.base(name)].get("command", self.world.command)
        return Path(command[0]).name in SILENT - self.world.unreal

    def outside(self, pid: int) -> int:
        """Return the pid that a child has here; 0 if it has gone."""
        return next((each for each in children(self.pid) if inside(each) == pid), 0)

    def kill(self, name: str) -> None:
        """Kill a child; all of its tree, if that is what has to have exited."""
        pids = [self.outside(self.lives()[name])]
        if self.says.value(self.base(name), "exited") == "tree":
            for pid in pids:
                pids += children(pid)
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def settle(self) -> None:
        """Wait until everybody is up and every task done."""
        tasks = {name for name in self.expected & set(self.says.tasks) if "at" not in self.says.tasks[name]}

        def look() -> bool:
            lives = self.lives()
            done = {each["child"] for each in self.events("task-done")}
            started = {self.base(name) for name in lives}
            everybody = started >= self.expected & set(self.says.children) and done >= tasks
            left_out = {each["child"] for each in self.events("left-out")}
            everybody = everybody and left_out == self.world.left_out
            return not self.running() or (everybody and all(self.is_up(name) for name in lives))

        until(look, "everybody is up, every task done, and the others are left out")
        assert self.running(), self.log()

    def strangers(self) -> set[int]:
        """Return the children of PID 1 that are no child's present life, nor of sigroute's own."""
        own = title_of(self.pid)
        return {each for each in children(self.pid) if title_of(each) != own} - {
            self.outside(pid) for pid in self.lives().values()
        }


def inside(pid: int) -> int:
    """Return the pid that a process has in its own namespace."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("NSpid:"):
                return int(line.split()[-1])
    return 0
