"""The command line and the environment of a child: the bytes that sigroute was started with, whatever the locale."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.compiled import compiled, compiled_as
from tests.real.container import SIGROUTE
from tests.real.require import need

#: Executes the words after its own, with an environment of odd words: a name twice, no ``=``, no name, nothing, any
#: bytes. So only C or the kernel can make one.
ODD = """
import ctypes, os, sys
words = [os.fsencode(each) for each in sys.argv[1:]]
odd = [b"A=1", b"A=2", b"none", b"=x", b"", b"B=\\xff\\xa4", b"LC_CTYPE=C"]
environ = [name + b"=" + value for name, value in os.environb.items()] + odd
array = lambda words: (ctypes.c_char_p * (len(words) + 1))(*words)
ctypes.CDLL(None).execve(words[0], array(words), array(environ))
"""

#: What a child has been given, as the kernel keeps it. Its own Python knows no locale.
TELLS = "import os; os.write(1, b'|'.join(open('/proc/self/' + name, 'rb').read() for name in ('environ', 'cmdline')))"
TOLD = [sys.executable, "-ISXutf8", "-c", TELLS]

#: No EUC-JP, and in GB18030 what Python decodes to something else.
WORDS: list[str | bytes] = ["price €5", "あ", b"\xff\xa4", ""]

LOCALES = {"ja_JP": "EUC-JP", "zh_CN": "GB18030", "zh_TW": "EUC-TW", "en_US": "ISO-8859-1"}


@pytest.fixture(scope="module")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make locales, in a folder of their own: this system's are left alone."""
    made = tmp_path_factory.mktemp("locales")
    for name, charset in LOCALES.items():
        command = ["localedef", "-i", name, "-f", charset, str(made / f"{name}.{charset}")]
        found = shutil.which("localedef") and Path(f"/usr/share/i18n/charmaps/{charset}.gz").exists()
        need(found, "localedef and the sources of locales, to have one that is not UTF-8 (Debian: locales)")
        subprocess.run(command, check=False, capture_output=True, timeout=120)
    return made


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory, runtimes: Path) -> dict[str, list[str]]:  # noqa: ARG001 - for static
    """Return each way to start sigroute."""
    folder = tmp_path_factory.mktemp("ways")
    return {
        "sigroute": [*SIGROUTE, "--quiet", "--"],
        "rules": [*SIGROUTE, "--quiet", "--rules", "default", "--"],
        "as tini": [*SIGROUTE, "--as", "tini", "-s", "--"],
        "compiled": [str(compiled(folder, "", "--quiet")), "--"],
        "compiled as tini": [str(compiled_as(folder, "tini", name="tini")), "-s", "--"],
        "static": [str(compiled(folder, "", "--quiet", name="static", form="static")), "--"],
        "static as tini": [str(compiled_as(folder, "tini", name="static-tini", form="static")), "-s", "--"],
    }


def given(command: list[str], environ: dict[str, str]) -> bytes:
    """Return what a child of this is given."""
    python = [sys.executable, "-ISXutf8", "-c", ODD]
    full = [os.fsencode(word) for word in (*python, *command, *TOLD, *WORDS)]
    return subprocess.run(full, check=False, stdout=subprocess.PIPE, env=environ, timeout=60).stdout


#: Has these signals blocked, and becomes its other words.
BLOCKS = """
import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR1, signal.SIGTERM])
os.execvp(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("locale", ["C.UTF-8", "ja_JP.EUC-JP"])
@pytest.mark.parametrize("way", ["sigroute", "as tini", "compiled", "compiled as tini", "static", "static as tini"])
def test_what_is_blocked_in_a_child_is_the_same_in_every_locale(
    locale: str, way: str, locales: Path, ways: dict[str, list[str]]
) -> None:
    """tini has its child block what it was started with, and sigroute nothing."""
    environ = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LOCPATH": str(locales), "LC_ALL": locale}
    command = [sys.executable, "-ISXutf8", "-c", BLOCKS, *ways[way], "grep", "SigBlk", "/proc/self/status"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environ, timeout=60).stdout
    assert int(told.split()[1], 16) == (1 << 9 | 1 << 14 if way in ("as tini", "static as tini") else 0)


COMPILED = ["compiled", "compiled as tini", "static", "static as tini"]
EVERY_WAY = ["sigroute", "rules", "as tini", *COMPILED]

#: In the last two Python itself ends at its start, before sigroute's first word: in the one of some words, in the other
#: of all. The first line of a compiled file has it look at no locale.
CASES = [(locale, way) for locale in ("C.UTF-8", "C", "ja_JP.EUC-JP", "en_US.ISO-8859-1") for way in EVERY_WAY]
CASES += [(locale, way) for locale in ("zh_CN.GB18030", "zh_TW.EUC-TW") for way in COMPILED]


@pytest.mark.parametrize(("locale", "way"), CASES)
def test_nothing_is_changed(locale: str, way: str, locales: Path, ways: dict[str, list[str]]) -> None:
    environ = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "LOCPATH": str(locales), "LC_ALL": locale}
    assert given(ways[way], environ) == given([], environ) != b""
