"""The names of a process's program."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel.proc import answer, is_ours, read

SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox")
PYTHONS = ("python", "pypy")

#: Programs that run scripts, whose names count instead. For each, the options that take a word: first those whose word
#: is the program itself, so that there is no script; then the others.
INTERPRETERS = {
    **dict.fromkeys(SHELLS, (("-c",), ("-o", "+o", "-O", "+O", "--rcfile", "--init-file"))),
    **dict.fromkeys(PYTHONS, (("-c",), ("-W", "-X"))),
    "perl": (("-e", "-E"), ("-I",)),
    "ruby": (("-e",), ("-C", "-E", "-I", "-r")),
    "node": (("-e", "-p", "--eval", "--print"), ("-C", "-r", "--import", "--loader", "--require")),
    "php": (("-r",), ("-c", "-d")),
    "lua": (("-e",), ("-l",)),
}


def names(pid: int) -> tuple[tuple[str, ...] | None, str]:
    """Return the names of a process: executable, argv[0] or title, script of an interpreter; and its comm.

    The link to the executable may be read of one's own processes only, unless privileged (proc_pid_exe(5)); comm and
    the command line of all, unless /proc hides others' processes (hidepid, proc(5)). So: whichever can be read. None
    where /proc is not ours.
    """
    if not is_ours():
        return None, ""
    found = executable(pid)
    words = [decoded(word) for word in (read(f"/proc/{pid}/cmdline") or b"").rstrip(b"\0").split(b"\0")]
    comm = (read(f"/proc/{pid}/comm") or b"").rstrip(b"\n")
    found += called(words, found, comm)
    script = script_of(words)
    if script:
        found.append(script)
    return tuple(dict.fromkeys(found)), decoded(comm)


def executable(pid: int) -> list[str]:
    """Return the names of a process's executable; none if it cannot be read."""
    path = answer(posix.readlink, f"/proc/{pid}/exe")
    if path is None:
        return []
    return unwrapped(base(path.removesuffix(" (deleted)")))


def decoded(name: bytes) -> str:
    """Return a name as text. Bytes that are no UTF-8 become what no rule file can contain."""
    return name.decode("utf-8", "surrogateescape")


def base(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def unwrapped(name: str) -> list[str]:
    """Return the name of an executable, and the name of the program if this is the part behind a wrapper.

    Nix moves nginx to .nginx-wrapped, and where that is there already to .nginx-wrapped_ (make-wrapper.sh).
    """
    found = [name]
    while name.startswith(".") and name.rstrip("_").endswith("-wrapped"):
        name = name.rstrip("_").removeprefix(".").removesuffix("-wrapped")
        found.append(name)
    return found


def called(words: list[str], executables: list[str], comm: bytes) -> list[str]:
    """Return the names in a command line: argv[0], or the title that the program has put there.

    A title is "nginx: master process ..." or, where it is all that is left of the command line, "npm start"
    (setproctitle(3)). A login shell's argv[0] begins with a dash (login(1)).
    """
    first, _, rest = words[0].partition(" ")
    whole = base(words[0]).removeprefix("-")
    if not rest or is_file(words[0], executables, comm):
        return [whole] if whole else []
    if first.endswith(":"):
        return [base(first[:-1])]
    return [base(first), whole] if len(words) == 1 else [whole] if whole else []


def is_file(name: str, executables: list[str], comm: bytes) -> bool:
    """Return whether argv[0] with a blank in it is a name or path of the executable, and no title.

    A path's last part may also be in comm, cut to 15 bytes: the executable is a link then, or its name is closed to us.
    A name without a path is no such proof: libuv's process.title writes a title to comm, too. Where a blank comes
    before the first slash, the path is an argument: "npm exec /bin/node" is a title.
    """
    if "/" in name and "/" not in name.partition(" ")[0]:
        return False
    last = base(name).removeprefix("-")
    return last in executables or ("/" in name and last.encode("utf-8", "surrogateescape")[:15] == comm)


def script_of(argv: list[str]) -> str:
    """Return the name of the script that this command line runs; empty if there is none."""
    program = argv[0].rpartition("/")[2].lstrip("-").rstrip("0123456789.")
    if program not in INTERPRETERS:
        return ""
    code, own = INTERPRETERS[program]
    words = iter(argv[1:])
    for word in words:
        if program in PYTHONS and option_of("cmWX", word) == "m":  # python -m module, -Im module, -mmodule
            return word.partition("m")[2] or next(words, "")
        if word in own or (program in SHELLS and option_of("coO", word) in ("o", "O") and "c" not in word):
            next(words, "")
        elif word[:2] not in own and gives_code(program, word, code):
            return ""
        elif not word.startswith(("-", "+")):
            return word.rpartition("/")[2]
    return ""


def option_of(letters: str, word: str) -> str:
    """Return the first of these options in a word that may combine several: ``-eo``."""
    if word[:1] not in ("-", "+") or word[:2] == "--":
        return ""
    return next((each for each in word if each in letters), "")


def gives_code(program: str, word: str, code: tuple[str, ...]) -> bool:
    """Return whether this word has an option whose word is a program: ``sh -ec``, ``perl -ne``."""
    if not word.startswith("-") or word.startswith("--"):
        return word in code
    letters = word[1:] if program in SHELLS else word[-1:]  # a shell's may stand before others, too
    return any(f"-{letter}" in code for letter in letters)
