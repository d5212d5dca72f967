"""Options right and wrong, and commands that can't be executed: how it ends, and what is said about it."""

from __future__ import annotations

from tests.real.drop_in.play import ends
from tests.real.drop_in.scenario import WITNESS, Scenario, Setting

CHILD = (WITNESS, "exit", "7")
PID1, UNDER = Setting("pid1"), Setting("under")


def _usage(program: str, *words: str, setting: Setting = PID1, what: str = "usage", **more: str) -> Scenario:
    return Scenario(program, what, (), ends, words, (), environ=more, setting=setting)


def _about(program: str, *words: str, **environ: str) -> Scenario:
    return Scenario(
        program, "about", (), ends, words, (), environ=environ, setting=PID1, presence=True, every_way=len(words) == 1
    )


#: Long enough for ENAMETOOLONG (path_resolution(7)).
LONG = "x" * 300
BAD_COMMANDS = (
    ("nowhere",), ("/nowhere/true",), ("./true",), ("",), ("/",), ("/usr",), ("usr/",), ("%/plain",), ("%/directory",),
    ("/etc/passwd/x",), ("%/loop",), ("%/nowhere",), (LONG,), ("%/no-interpreter",), ("%/no-interpreter", "-x"),
    ("%/empty",), ("%/bad-interpreter",), ("%/directory-for-interpreter",), ("%/script",), ("true",), ("false", "-x"),
)  # fmt: skip

TINI: tuple[tuple[str, ...], ...] = (
    (), ("-g",), ("--",), ("-x", *CHILD), ("-vx", *CHILD), ("--help",), ("--version", *CHILD), ("-v", "--version"),
    ("--", "--version"), ("--", *CHILD), ("--", "--", *CHILD), ("-g", "--", *CHILD), ("-", *CHILD), ("-wg", *CHILD),
    ("-e",), ("-e", "256", *CHILD), ("-e", "-1", *CHILD), ("-e", "x", *CHILD), ("-e", "7x", *CHILD), ("-e", "", *CHILD),
    ("-e", " 7", *CHILD), ("-e", "+7", *CHILD), ("-e", "07", *CHILD), ("-e", "0x7", *CHILD), ("-e7", *CHILD),
    ("-e0", *CHILD), ("-e", "7", *CHILD), ("-ge7", *CHILD),
    ("-e", "99999999999999999999", *CHILD), ("-e", "7 ", *CHILD),
    ("-p",), ("-p", "KILL", *CHILD), ("-p", "SIGKILL", *CHILD), ("-pSIGTERM", *CHILD), ("-p", "sigterm", *CHILD),
    ("-p", "15", *CHILD), ("-p", "", *CHILD), ("-p", "SIGRTMIN", *CHILD), ("-p", "SIGPWR", *CHILD),
    ("-p", "SIGSTKFLT", *CHILD), ("-p", "SIGIO", *CHILD), ("-p", "SIGSYS", "-p", "SIGCHLD", *CHILD),
    ("-e", "127", "nowhere"), ("-e", "126", "/usr"), ("-e", "1", "/etc/passwd/x"), ("-e", "127", "/usr"),
    # getopt(3) takes options from among the arguments, unless POSIXLY_CORRECT.
    ("echo", "-g", "x"), ("echo", "-e7", "x"), ("echo", "--", "-g"), ("echo", "x", "-n"), ("echo", "-R", "x"),
    (*CHILD, "-e", "7"), (*CHILD, "-e"), (*CHILD, "--", "-e"), ("echo", "-", "x"),
)  # fmt: skip

DUMB_INIT: tuple[tuple[str, ...], ...] = (
    (), ("-c",), ("--",), ("-v",), ("-x", *CHILD), ("-cx", *CHILD), ("--nope", *CHILD), ("--", *CHILD),
    ("--", "--", *CHILD), ("-c", "--", *CHILD), ("-", *CHILD), ("--ver", *CHILD), ("--ve", *CHILD), ("--v",),
    ("--single", *CHILD), ("--s", *CHILD), ("--single-child=1", *CHILD), ("--verbose=1", *CHILD), ("--help=x",),
    ("--version=x",), ("-r",), ("--rewrite",), ("--rew",), ("--rewrite=", *CHILD), ("-r", "", *CHILD),
    ("-r", "1", *CHILD), ("-r", "1:", *CHILD), ("-r", ":1", *CHILD), ("-r", "0:1", *CHILD), ("-r", "-1:1", *CHILD),
    ("-r", "15:32", *CHILD), ("-r", "32:15", *CHILD), ("-r", "15:-1", *CHILD), ("-r", "15:0", *CHILD),
    ("-r", "15:3x", *CHILD), ("-r", "TERM:INT", *CHILD), ("-r", "15 3", *CHILD), ("-r", "15:x", *CHILD),
    ("-r", "15 :3", *CHILD), ("-r", "9:15", *CHILD), ("-r", "15:9", "-r", "19:19", *CHILD), ("-cr", *CHILD),
    ("-rc", *CHILD), ("echo", "-c", "x"), ("echo", "--help"), ("-c", "echo", "-V"), (*CHILD, "-r", "x"),
)  # fmt: skip

CATATONIT: tuple[tuple[str, ...], ...] = (
    (), ("-g",), ("--",), ("-x", *CHILD), ("-gx", *CHILD), ("--help",), ("--nope", *CHILD), ("--version=3",),
    ("--", *CHILD), ("--", "--", *CHILD), ("-g", "--", *CHILD), ("-", *CHILD), ("--", "--version"), ("-gg", *CHILD),
    ("echo", "-g", "x"), ("echo", "--", "-g"), ("echo", "x", "-n"), ("echo", "-", "x"), (*CHILD, "--", "-x"),
    (*CHILD, "-x"),
)  # fmt: skip

ABOUT = (
    ("tini", ("-h",)), ("tini", ("-l",)), ("tini", ("--version",)), ("tini", ("-vh", *CHILD)), ("tini", ("-ghl",)),
    ("tini", (*CHILD, "-h")), ("docker-init", ("--version",)), ("docker-init", ("-h",)),
    ("dumb-init", ("-h",)), ("dumb-init", ("--help",)), ("dumb-init", ("--h",)), ("dumb-init", ("-V",)),
    ("dumb-init", ("--version",)), ("dumb-init", ("--vers",)), ("dumb-init", ("-ch", *CHILD)),
    ("dumb-init", ("-Vh",)), ("dumb-init", ("--single-child", "--vers")),
    ("catatonit", ("-h",)), ("catatonit", ("-V",)), ("catatonit", ("--version",)), ("catatonit", ("--v",)),
    ("catatonit", ("-L",)), ("catatonit", ("-gVh", *CHILD)), ("catatonit", (*CHILD, "-h")), ("catatonit", ("-PV",)),
)  # fmt: skip

SCENARIOS = [
    *(_usage(program, *words) for program, several in (("tini", TINI), ("dumb-init", DUMB_INIT),
                                                       ("catatonit", CATATONIT)) for words in several),
    *(_about(program, *words) for program, words in ABOUT),
    *(_usage(program, *words, what="command") for program in ("tini", "dumb-init", "catatonit")
      for words in BAD_COMMANDS),
    *(_usage(program, *words, what="command", setting=UNDER) for program in ("tini", "dumb-init", "catatonit")
      for words in (("nowhere",), ("/usr",), CHILD)),
    _usage("docker-init"), _usage("docker-init", "nowhere"), _usage("docker-init", "-x"),
    _usage("docker-init", "-g", "--", *CHILD),
    _usage("dumb-init", "-c", "nowhere", what="command"), _usage("catatonit", "-g", "nowhere", what="command"),
    *(_usage(program, *words, POSIXLY_CORRECT="") for program in ("tini", "catatonit")
      for words in (("echo", "-g", "x"), ("echo", "--", "-g"), ("-g", "echo", "-h"), (*CHILD, "-x"))),
    _usage("tini", *CHILD, "-e", "7", POSIXLY_CORRECT="1"), _usage("dumb-init", "echo", "-c", POSIXLY_CORRECT=""),
    _usage("catatonit", *CHILD, CATATONIT_LOG=""), _usage("catatonit", "-h", CATATONIT_LOG="x"),
    _usage("catatonit", CATATONIT_LOG="", CATATONIT_DEBUG=""),
    *(_usage(program, *CHILD, setting=Setting(place, stdin="closed"), what="stdin closed")
      for program in ("tini", "dumb-init", "catatonit") for place in ("pid1", "under")),
    _usage("tini", "-e", "1", *CHILD, setting=Setting("pid1", stdin="closed"), what="stdin closed"),
]  # fmt: skip
