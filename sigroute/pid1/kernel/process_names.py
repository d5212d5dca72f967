"""The names of the program that a process runs: every name that can be read."""

from __future__ import annotations

import posix

from sigroute.pid1.kernel import proc

SHELLS = ("sh", "bash", "dash", "ash", "ksh", "zsh", "busybox")
PYTHONS = ("python", "pypy")

#: Programs that run a script: its name matters, and not theirs. For each, the options that take an argument: first
#: those whose argument is the code to run, so that there is no script, then the others.
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
    """Return a process's names (executable, argv[0] or title, the script that an interpreter runs) and its comm.

    An unprivileged process may read the link to the executable of its own user's processes only (proc_pid_exe(5)), but
    comm and the command line of all, unless /proc hides them (hidepid, proc(5)). So the names are those that can be
    read. The first is None if there is no /proc for sigroute's own pid namespace.
    """
    if not proc.is_ours():
        return None, ""
    found = executable(pid)
    words = [decoded(word) for word in (proc.read(f"/proc/{pid}/cmdline") or b"").rstrip(b"\0").split(b"\0")]
    comm = (proc.read(f"/proc/{pid}/comm") or b"").rstrip(b"\n")
    found += called(words, found, comm)
    script = script_of(words)
    if script:
        found.append(script)
    return tuple(dict.fromkeys(found)), decoded(comm)


def executable(pid: int) -> list[str]:
    """Return the names of a process's executable; none if it can't be read."""
    path = proc.answer(posix.readlink, f"/proc/{pid}/exe")
    if path is None:
        return []
    return unwrapped(base(path.removesuffix(" (deleted)")))


def decoded(name: bytes) -> str:
    """Return a name as text; a name that is no UTF-8 becomes a text that no rule file can have."""
    return name.decode("utf-8", "surrogateescape")


def base(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition("/")[2]


def unwrapped(name: str) -> list[str]:
    """Return the name of an executable, and the name that it had before a wrapper took its place.

    Nix renames nginx to .nginx-wrapped, and if that exists already, to .nginx-wrapped_ (make-wrapper.sh).
    """
    found = [name]
    while name.startswith(".") and name.rstrip("_").endswith("-wrapped"):
        name = name.rstrip("_").removeprefix(".").removesuffix("-wrapped")
        found.append(name)
    return found


def called(words: list[str], executables: list[str], comm: bytes) -> list[str]:
    """Return the names of the program in a command line: from argv[0], or from a title in its place.

    A program may write a title over its command line (setproctitle(3)): "nginx: master process ...", or "npm start" as
    the only word. A login shell's argv[0] begins with a dash (login(1)).
    """
    first, _, rest = words[0].partition(" ")
    whole = base(words[0]).removeprefix("-")
    if not rest or is_file(words[0], executables, comm):
        return [whole] if whole else []
    if first.endswith(":"):
        return [base(first[:-1])]
    return [base(first), whole] if len(words) == 1 else [whole] if whole else []


def is_file(name: str, executables: list[str], comm: bytes) -> bool:
    """Tell whether argv[0], which has a blank in it, is the executable's name or path, and so no title.

    It is, if the last part of a path is the executable's name, or is comm, cut to 15 bytes: then the executable is a
    link, or its name can't be read. A name without a slash must be the executable's: libuv's process.title writes a
    title to comm, too. If a blank comes before the first slash, the path is an argument: "npm exec /bin/node" is a
    title.
    """
    if "/" in name and "/" not in name.partition(" ")[0]:
        return False
    last = base(name).removeprefix("-")
    return last in executables or ("/" in name and last.encode("utf-8", "surrogateescape")[:15] == comm)


def script_of(argv: list[str]) -> str:
    """Return the name of the script that a command line runs; empty if it runs none."""
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
    """Return the first of these option letters in a word; a word may have several, as ``-eo`` has."""
    if word[:1] not in ("-", "+") or word[:2] == "--":
        return ""
    return next((each for each in word if each in letters), "")


def gives_code(program: str, word: str, code: tuple[str, ...]) -> bool:
    """Tell whether the argument of this word is code to run, by one of these options: ``sh -ec``, ``perl -ne``."""
    if not word.startswith("-") or word.startswith("--"):
        return word in code
    letters = word[1:] if program in SHELLS else word[-1:]  # a shell's -c may have other letters after it
    return any(f"-{letter}" in code for letter in letters)
