"""What /proc tells of processes. Where there is no /proc of ours, the answer is None, never an error."""

from __future__ import annotations

import posix

from sigroute.pid1.events import Process

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # signal itself imports enum: 3 ms and 1 MB

SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox", "env")
PYTHONS = ("python", "pypy")

#: Programs that run a script: their name says nothing, the script's does. The options of each after which a word of
#: their own comes: those where that is a program, and there is no script; the rest.
INTERPRETERS = {
    **dict.fromkeys(SHELLS, (("-c",), ("-o", "+o", "-O", "+O", "--rcfile", "--init-file"))),
    **dict.fromkeys(PYTHONS, (("-c",), ("-W", "-X"))),
    "perl": (("-e", "-E"), ("-I",)),
    "ruby": (("-e",), ("-C", "-E", "-I", "-r")),
    "node": (("-e", "-p", "--eval", "--print"), ("-C", "-r", "--import", "--loader", "--require")),
    "php": (("-r",), ("-c", "-d")),
    "lua": (("-e",), ("-l",)),
}

ESRCH = 3

#: So often /proc is listed at most: in a storm of forks there is always somebody new.
LISTINGS = 10


def is_ours() -> bool:
    """Tell whether the numbers in /proc are those of our pid namespace.

    A /proc that was mounted before the namespace was made (``unshare --pid`` without
    ``--mount-proc``) tells of other processes by the same numbers (pid_namespaces(7), "/proc and
    PID namespaces"). Its "self" is us, by the number that we have there.
    """
    try:
        return posix.readlink("/proc/self") == str(posix.getpid())
    except OSError:
        return False


def read(path: str) -> bytes | None:
    """Return a file of /proc, up to 64 KiB of it; None when it can't be read."""
    try:
        fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    except OSError:
        return None
    try:
        return posix.read(fd, 65536)
    except OSError:
        return None
    finally:
        posix.close(fd)


def names(pid: int) -> tuple[str, ...] | None:
    """Return what a process is known by: executable, comm, the script an interpreter runs.

    The link to the executable may be read of one's own processes only, unless privileged
    (proc_pid_exe(5)); comm and the command line of all. So: whichever can be read.
    """
    if not is_ours():
        return None
    found = []
    try:
        exe = posix.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
        found.append(exe.rpartition("/")[2])
    except OSError:
        pass
    comm = read(f"/proc/{pid}/comm")
    if comm is not None:
        found.append(comm.rstrip(b"\n").decode("utf-8", "surrogateescape"))
    words = (read(f"/proc/{pid}/cmdline") or b"").split(b"\0")
    script = script_of([word.decode("utf-8", "surrogateescape") for word in words])
    if script:
        found.append(script)
    return tuple(found)


def script_of(argv: list[str]) -> str:
    """Return the name of the script that this command line runs; empty when it runs none."""
    program = argv[0].rpartition("/")[2].lstrip("-").rstrip("0123456789.")
    if program not in INTERPRETERS:
        return ""
    code, own = INTERPRETERS[program]
    words = iter(argv[1:])
    for word in words:
        if word == "-m" and program in PYTHONS:  # python -m module
            return next(words, "")
        if word in own:
            next(words, "")
        elif word[:2] not in own and gives_code(program, word, code):
            return ""
        elif not word.startswith(("-", "+")):
            return word.rpartition("/")[2]
    return ""


def gives_code(program: str, word: str, code: tuple[str, ...]) -> bool:
    """Tell whether a program comes after this word, where one of these options is there: ``sh -ec``, ``perl -ne``."""
    if not word.startswith("-") or word.startswith("--"):
        return word in code
    letters = word[1:] if program in SHELLS else word[-1:]  # a shell's may stand before others, too
    return any(f"-{letter}" in code for letter in letters)


def processes() -> tuple[Process, ...] | None:
    """Return every process that /proc shows, this one included.

    /proc is listed first and read after, one by one: who forks and ends between the two is not found, and neither is
    what it forked. So it is listed again until nobody is new.
    """
    if not is_ours():
        return None
    found: dict[int, Process | None] = {}
    try:
        for _ in range(LISTINGS):
            fresh = [int(entry) for entry in posix.listdir("/proc") if entry.isdigit() and int(entry) not in found]
            if not fresh:
                break
            found.update([(pid, process(pid)) for pid in fresh])
    except OSError:
        return None
    listed = tuple([each for each in found.values() if each is not None])
    return listed or None


def process(pid: int) -> Process | None:
    """Return one line of the process list; None when it has gone (proc_pid_stat(5))."""
    text = read(f"/proc/{pid}/stat")
    if not text:
        return None
    # The name may hold spaces and brackets: what follows its last bracket is regular.
    words = text[text.rindex(b")") + 2 :].split()
    state = words[0].decode()
    if state == "Z" and int(words[17]) > 1:
        state = "S"  # only its first thread has ended (pthread_exit(3)); the others get its signals
    return Process(
        pid=pid,
        state=state,
        parent=int(words[1]),
        group=int(words[2]),
        session=int(words[3]),
        start=int(words[19]),
    )


def kill_same(pid: int, start: int, signal: int) -> None:
    """Send a signal to a process if it still is the one that started then.

    The descriptor is opened first and the start read after: what the descriptor means cannot
    become another process between the look and the signal (pidfd_open(2)).

    :raises OSError: it can't be sent; ESRCH when the process has gone.
    """
    try:
        fd = posix.pidfd_open(pid)
    except ProcessLookupError:
        raise
    except (AttributeError, OSError):
        fd = -1  # a Python or Linux without it (before 5.3), or not allowed here: the look alone has to do
    try:
        now = process(pid)
        if now is None or now.start != start:
            raise ProcessLookupError(ESRCH, posix.strerror(ESRCH))
        if fd < 0:
            posix.kill(pid, signal)
        else:
            _signal.pidfd_send_signal(fd, signal)
    finally:
        if fd >= 0:
            posix.close(fd)
