"""The paths that children watch: the directories on the way to each, which tell of changes (dnotify).

PID 1 itself looks at no path: a process of its own does (look.py). PID 1 only opens the directories that this process
has just seen, as dnotify needs a descriptor (F_NOTIFY, fcntl(2)).

Before each look all directories of that path are set to tell again. So what changes after the look is told, and what
has changed before it is seen.
"""

from __future__ import annotations

import posix

from sigroute.pid1.engine.events import Looked, Stirred
from sigroute.pid1.kernel import look
from sigroute.pid1.kernel.abi import EINVAL, EMFILE, ENOENT, ENOTDIR
from sigroute.pid1.kernel.refusals import optional, twice, words
from sigroute.pid1.kernel.telling import ALL, NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.effects import Look
    from sigroute.pid1.engine.events import Event
    from sigroute.pid1.kernel.look import Place
    from sigroute.pid1.kernel.notices import Notices

#: O_NOFOLLOW: the path had no symbolic link in it; if it has now, another look will tell.
DIRECTORY = posix.O_RDONLY | posix.O_DIRECTORY | posix.O_NOFOLLOW | posix.O_NONBLOCK | posix.O_CLOEXEC

LACKING = "this kernel does not tell of changes in directories (dnotify)"


class Watched:
    """A path that is watched."""

    def __init__(self, child: int, which: int) -> None:
        self.child = child
        self.which = which
        #: The directories on the way.
        self.places: set[Place] = set()
        #: What the present look is for; None: none is under way.
        self.effect: Look | None = None
        #: Another one was asked for meanwhile.
        self.next: Look | None = None
        #: The pid of the process that looks, and what it has written so far.
        self.pid = 0
        self.answer = b""


class Directory:
    """A directory on the way to paths that are watched: one descriptor, however many these are."""

    def __init__(self, place: Place) -> None:
        """Open it.

        :raises OSError: the kernel refuses that. EMFILE: half of the descriptors are open, and the rest is not for it.
        """
        self.place = place
        self.fd: int = twice(posix.open, place[0], DIRECTORY)
        self.watched: list[Watched] = []
        if self.fd >= posix.sysconf("SC_OPEN_MAX") // 2:
            posix.close(self.fd)
            raise OSError(EMFILE, posix.strerror(EMFILE))

    def stirred(self, _fd: int) -> list[Event]:
        """Return what it means that something has changed in it."""
        return [Stirred(child=each.child, which=each.which) for each in self.watched]


class Watches:
    """All of them."""

    def __init__(self, notices: Notices) -> None:
        self.notices = notices
        self.all: dict[tuple[int, int], Watched] = {}
        self.directories: dict[Place, Directory] = {}

    def pids(self) -> list[int]:
        """Return the pids of the processes that look."""
        return [each.pid for each in self.all.values() if each.pid]

    def look(self, effect: Look) -> Event | None:
        """Look at a path; return why that is not possible now. What is found comes later."""
        which = effect.child, effect.which
        watched = self.all.setdefault(which, Watched(*which))
        if watched.effect is not None:
            watched.next = effect
            return None
        for place in watched.places:
            optional(self._tell, self.directories[place])
        try:
            pid, reader = look.begin(effect.path)
        except OSError as error:
            return looked(effect, None, again=True, reason=words(error))
        watched.effect, watched.pid, watched.answer = effect, pid, b""
        try:
            self.notices.readable(reader, lambda fd: self._answered(watched, fd))
        except OSError as error:
            watched.effect, watched.pid = None, 0
            optional(posix.close, reader)
            return looked(effect, None, again=False, reason=words(error))
        return None

    def _tell(self, directory: Directory) -> None:
        """Have a directory tell of the next change.

        :raises OSError: the kernel refuses that.
        """
        twice(self.notices.changes, directory.fd, ALL if directory.place[-1] else NAMES, directory.stirred)

    def _answered(self, watched: Watched, fd: int) -> list[Event]:
        """Read what the process has found; once that is all, return it."""
        try:
            while data := posix.read(fd, 65536):
                watched.answer += data
        except BlockingIOError:
            return []
        except OSError:
            pass  # no answer is one, too
        self.notices.forget(fd)
        optional(posix.close, fd)
        effect, watched.effect, watched.pid = watched.effect, None, 0
        if effect is None:
            return []
        seen, reason, places = look.decoded(watched.answer)
        again, trouble = self._follow(watched, places)
        again = again or (seen is None and not reason)
        found: list[Event] = [looked(effect, seen, again=again, reason=reason or trouble)]
        following, watched.next = watched.next, None
        answer = None if following is None else self.look(following)
        return found if answer is None else [*found, answer]

    def _follow(self, watched: Watched, places: list[Place]) -> tuple[bool, str]:
        """Have these directories tell of changes, and no others; return whether to look again, and what went wrong."""
        for place in watched.places.difference(places):
            watched.places.remove(place)
            self.directories[place].watched.remove(watched)
            if not self.directories[place].watched:
                self._close(self.directories.pop(place))
        again, trouble = False, ""
        for place in set(places) - watched.places:
            try:
                again = self._join(watched, place) or again
            except OSError as error:
                if error.errno in (ENOENT, ENOTDIR):
                    again = True  # it has gone meanwhile
                else:
                    trouble = trouble or (LACKING if error.errno == EINVAL else f"{shown(place)}: {words(error)}")
        return again, trouble

    def _join(self, watched: Watched, place: Place) -> bool:
        """Have a directory tell of changes for one more path; return whether it may have changed since the look.

        :raises OSError: the kernel refuses that.
        """
        directory = self.directories.get(place) or Directory(place)
        try:
            status = posix.fstat(directory.fd)
            self._tell(directory)
        except OSError:
            if not directory.watched:
                self._close(directory)
            raise
        if (status.st_dev, status.st_ino) != place[1:3]:
            self._close(directory)
        else:
            self.directories[place] = directory
            directory.watched.append(watched)
            watched.places.add(place)
        return True

    def _close(self, directory: Directory) -> None:
        self.notices.forget(directory.fd)
        optional(posix.close, directory.fd)


def looked(effect: Look, seen: int | None, *, again: bool, reason: str) -> Looked:
    """Return the answer to a look."""
    return Looked(
        child=effect.child, which=effect.which, generation=effect.generation, seen=seen, again=again, reason=reason
    )


def shown(place: Place) -> str:
    """Return the path of a directory, for people."""
    return place[0].decode("utf-8", "replace")
