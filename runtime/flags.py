"""How the runtime is compiled and linked: every flag, with its reason."""

from __future__ import annotations

from typing import NamedTuple

#: Members of Python's library that are not linked: src/config.c takes their place, with fewer modules and none frozen.
LEFT_OUT = ("config.o", "frozen.o", "deepfreeze.o")

#: Functions of the C library and of Python that the linker replaces. They read files or the environment, load shared
#: objects, end the process, or fill memory. src/{environment,unavailable,utc,ends,posix}.c have what is called instead.
WRAPPED = (
    "__libc_secure_getenv", "__tunables_init", "getenv",
    "_dl_get_origin", "_dl_init_paths", "dlopen",
    "forkpty", "getgrouplist", "getlogin", "initgroups", "openpty",
    "__tzset", "gmtime_r", "localtime_r", "mktime", "tzset",
    "__assert_fail", "__libc_fatal", "__libc_message", "abort", "exit",
    "PyModule_AddIntConstant",
    "_Py_FatalErrorFormat", "_Py_FatalErrorFunc", "_Py_write_noraise",
)  # fmt: skip

#: The address of the payload: above all else, where any size fits, and a multiple of any machine's page.
PAYLOAD = 0x1000_0000

COMPILE = (
    # Linux's own functions: signals with values, splice(2), pwritev2(2).
    "-std=gnu17", "-D_GNU_SOURCE",
    "-O2",
    "-Wall", "-Wextra", "-Werror",
    # Fixed addresses: a position-independent executable relocates itself at its start, and writes to 300 kB for that.
    "-fno-pie",
    # So that the linker leaves out what nothing calls (--gc-sections).
    "-ffunction-sections", "-fdata-sections",
    # No path of the machine that builds it.
    "-ffile-prefix-map=./=",
)  # fmt: skip

LINK = (
    "-static", "-no-pie",
    "-Wl,--entry=entry",
    f"-Wl,--section-start=.payload={PAYLOAD:#x}",
    # The linker warns of functions that need the C library's shared objects at run time: no such warning may pass.
    "-Wl,--fatal-warnings",
    "-Wl,--gc-sections",
    # What is written once is read-only from then on; no memory is both written and run.
    "-Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code",
    # No symbols; the same bytes from the same sources.
    "-Wl,--strip-all", "-Wl,--build-id=none",
    *(f"-Wl,--wrap={name}" for name in WRAPPED),
)  # fmt: skip


class Flags(NamedTuple):
    """What the compiler gets."""

    compile: tuple[str, ...]
    link: tuple[str, ...]

    def but(self, *more: str) -> Flags:
        """Return these flags, and more of them for the compiler."""
        return self._replace(compile=(*self.compile, *more))


FLAGS = Flags(COMPILE, LINK)
