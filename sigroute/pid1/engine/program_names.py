"""Whether a process is the program that rules are for, by its names."""

from __future__ import annotations

#: comm is cut to this many bytes, and only it (proc_pid_comm(5), TASK_COMM_LEN less the final NUL).
COMM = 15


def is_program(names: tuple[str, ...], comm: str, programs: tuple[str, ...]) -> bool:
    """Tell whether a process with these names is one of these programs; a program that ends in ``*`` is a prefix."""
    start = to_bytes(comm)
    # A comm of 15 bytes may be cut. If it is the start of a name in ``names``, that name says more, and comm is left
    # out. Otherwise comm matches each program that starts with it.
    cut = len(start) == COMM
    if cut and any(to_bytes(name)[:COMM] == start for name in names):
        comm, cut = "", False
    for program in programs:
        stem = program.removesuffix("*")
        for name in (*names, comm):
            if name == program or (stem != program and name.startswith(stem)):
                return True
        if cut and to_bytes(stem)[:COMM] == start:
            return True
    return False


def to_bytes(name: str) -> bytes:
    """Return a name as the kernel has it."""
    return name.encode("utf-8", "surrogateescape")
