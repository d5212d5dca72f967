"""A compiled init as a file: its head, its first line, the same bytes again, and what it does when it is spoiled."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute import __version__
from sigroute.bundle import (
    BEGIN,
    BROKEN,
    HEAD,
)
from sigroute.pid1.log.printable import printable
from sigroute.shebang import DEFAULT_SHEBANG, LONGEST_LINE, ShebangError, first_line
from tests.compiled import OWN, compiled, environment, parts, run

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent

RULES = '[on]\nstop = "QUIT"\n'


@pytest.fixture(scope="module", name="init")
def _init(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return compiled(tmp_path_factory.mktemp("init"), RULES).read_bytes()


def test_the_head_tells_a_reader_what_it_is(init: bytes) -> None:
    seen = init[:700].decode("ascii")
    assert seen.startswith(f"#!{DEFAULT_SHEBANG} ")
    assert "An init (PID 1) for containers" in seen
    assert f"sigroute {__version__}\n" in seen
    assert f"rules rules.toml (sha256 {hashlib.sha256(RULES.encode()).hexdigest()})\n" in seen
    assert "--sigroute-rules" in seen


def test_the_parts_follow_the_head_and_each_other_to_the_end(init: bytes) -> None:
    end = BEGIN
    for begin, size in parts(init).values():
        assert begin == end
        end += size
    assert end == len(init)
    assert init[HEAD - 1 : HEAD] == init[BEGIN - 1 : BEGIN] == b"\n"


MAKES = "import sys; from sigroute.compile import main; sys.exit(main(sys.argv[1:]))"


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, init: bytes) -> None:
    """In another process, folder, locale and order of hashes; from another copy of sigroute."""
    rules = tmp_path / "rules.toml"
    rules.write_text(RULES)
    copy = tmp_path / "copy"
    shutil.copytree(ROOT / "sigroute", copy / "sigroute", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "rules", copy / "rules")
    ways: dict[str, tuple[Path, dict[str, str], list[str]]] = {
        "command": (ROOT, {}, ["-m", "sigroute", "compile"]),
        "program": (tmp_path, {"PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}, ["-c", MAKES]),
        "locale": (ROOT, {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONOPTIMIZE": "2"}, ["-m", "sigroute", "compile"]),
        "copy": (copy, {"PYTHONPATH": str(copy)}, ["-m", "sigroute", "compile"]),
    }
    for name, (folder, environ, words) in ways.items():
        made = tmp_path / f"{name}.init"
        subprocess.run(
            [sys.executable, *words, str(rules), "--python", "-o", str(made)], check=True, cwd=folder,
            env={**os.environ, **environ}, capture_output=True, timeout=60,
        )  # fmt: skip
        assert made.read_bytes() == init, name
    assert compiled(tmp_path, RULES).read_bytes() == init


@pytest.mark.parametrize(
    ("shebang", "line"),
    [
        ("/usr/bin/env -S --block-signal python3", '#!/usr/bin/env -S --block-signal python3 -ISBXutf8 -c "'),
        ("#!/usr/bin/env  -S python3.12", '#!/usr/bin/env -S python3.12 -ISBXutf8 -c "'),
        ("/usr/bin/env --split-string=python3", '#!/usr/bin/env --split-string=python3 -ISBXutf8 -c "'),
        ("/usr/bin/python3", "#!/usr/bin/python3 -ISBcimport "),
    ],
)
def test_the_first_line(shebang: str, line: str) -> None:
    assert first_line(shebang).startswith(line)


@pytest.mark.parametrize(
    ("shebang", "said"),
    [
        ("", "absolute path"),
        ("python3", "absolute path"),
        ("./python3", "absolute path"),
        ("/usr/bin/python3 -u", "needs env -S"),
        ("/opt/my python3", "needs env -S"),
        ("/usr/bin/env -S", "needs a program"),
        ("/usr/bin/pyth\xf6n3", "ASCII"),
        ("/" + "x" * 100, "characters shorter"),
    ],
)
def test_a_first_line_that_no_kernel_could_use(shebang: str, said: str) -> None:
    with pytest.raises(ShebangError, match=said):
        first_line(shebang)


def test_the_longest_first_line_that_every_kernel_reads() -> None:
    longest = "/" + "x" * (LONGEST_LINE - len(first_line("/")))
    assert len(first_line(longest)) == LONGEST_LINE
    with pytest.raises(ShebangError, match="it must be 1 characters shorter"):
        first_line(f"{longest}x")


def test_it_runs_by_the_path_of_a_python(tmp_path: Path) -> None:
    """Without env, which a small image may have in a form that can't split."""
    short = Path(f"/tmp/sigroute-{os.getpid()}")  # the first line has room for little
    short.symlink_to(Path(sys.executable).resolve())
    try:
        init = compiled(tmp_path, RULES, "--shebang", str(short))
        done = run(init, "--", "sh", "-c", "exit 5", environ={"PATH": "/usr/bin:/bin"})
    finally:
        short.unlink()
    assert done.returncode == 5


#: What happens to files.
SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "only the head": lambda data: data[:HEAD],
    "an empty payload": lambda data: data[:HEAD] + bytes(len(data) - HEAD),
    "the last byte is missing": lambda data: data[:-1],
    "a byte more": lambda data: data + b"\n",
    "twice": lambda data: data + data,
    "carriage returns": lambda data: data.replace(b"\n", b"\r\n"),
    "no byte above 127": lambda data: data.decode("ascii", "replace").encode(),
    "read as latin-1": lambda data: data.decode("latin-1").encode(),
}


def refuses(path: Path, *, starts: str = "") -> None:
    """See that it refuses to run, says why in one line, and has started nothing."""
    proof = path.parent / "started"
    done = run(path, *([starts] if starts else ["--", "touch", str(proof)]))
    assert (done.returncode, done.stdout, done.stderr) == (126, "", f"{path}{BROKEN}")
    assert not proof.exists()


@pytest.mark.parametrize("way", SPOILED)
def test_a_spoiled_file_is_refused(tmp_path: Path, init: bytes, way: str) -> None:
    path = tmp_path / "init"
    path.write_bytes(SPOILED[way](init))
    path.chmod(0o755)
    refuses(path)


def test_a_byte_that_has_changed_is_seen_wherever_it_is(tmp_path: Path, init: bytes) -> None:
    """Whether this start would use it or not: the rules, the source for another Python."""
    places = [place for begin, size in parts(init).values() for place in (begin, begin + size // 2, begin + size - 1)]
    for place in (HEAD, HEAD + 99, BEGIN - 1, *places):
        path = tmp_path / "init"
        path.write_bytes(changed(init, place))
        path.chmod(0o755)
        refuses(path)


def test_what_has_changed_in_its_head_starts_nothing_else(tmp_path: Path, init: bytes) -> None:
    """It is refused, or its Python or the kernel makes nothing of it, or it was in words for people."""
    path = tmp_path / "init"
    codes = set()
    for place in range(0, HEAD, 101):
        path.unlink(missing_ok=True)
        path.write_bytes(changed(init, place))
        path.chmod(0o755)
        try:
            codes.add(run(path, "--", "sh", "-c", "exit 99").returncode)
        except OSError:  # no executable, or by no interpreter
            continue
    assert codes <= {99, 126, 127, 1}


def changed(data: bytes, place: int) -> bytes:
    """Return it with one byte changed."""
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full"])
@pytest.mark.parametrize("left", [HEAD, HEAD + (1 << 15)])
def test_a_spoiled_file_ends_with_126_where_nothing_can_be_told(
    tmp_path: Path, init: bytes, left: int, stderr: str
) -> None:
    path = tmp_path / "init"
    path.write_bytes(init[:left])
    path.chmod(0o755)
    done = subprocess.run(["sh", "-c", f'"$0" true {stderr}', path], check=False, env=environment(), timeout=60)
    assert done.returncode == 126


def test_a_python_that_is_too_old_is_told(tmp_path: Path, init: bytes) -> None:
    """By the head itself, as nothing else of it could be read."""
    path = tmp_path / "init"
    path.write_bytes(init.replace(b"sys.version_info < (3, 11)", b"sys.version_info < (9, 11)", 1))
    path.chmod(0o755)
    done = run(path, "--", "touch", str(tmp_path / "started"))
    assert done.returncode == 126
    assert done.stderr == f"{path}: cannot run: it needs Python 3.11 or newer, and python3 is older\n"
    assert not (tmp_path / "started").exists()


def test_the_head_is_in_words_that_every_python_3_reads(init: bytes) -> None:
    """What is older than 3.8 has to get as far as telling that it is too old."""
    ast.parse(init[:HEAD].rstrip(), feature_version=(3, 4))
    assert not re.search(rb'\bf"', init[:HEAD])


@pytest.mark.parametrize("name", ["r\xe8gles", "a\nimport os", "\udcff" * 250, "x" * 250, "\u2028", "\x0c", "'\"\\"])
def test_rules_of_any_name(tmp_path: Path, name: str) -> None:
    file = tmp_path / f"{name}.toml"
    file.write_text("")
    made = tmp_path / "init"
    command = [sys.executable, "-m", "sigroute", "compile", "--python", str(file), "-o", str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert made.read_bytes()[:HEAD].isascii()
    done = subprocess.run(
        [made, "--sigroute-version"], check=True, capture_output=True, env=environment(OWN), timeout=60
    )
    assert printable(file.name).encode() in done.stdout  # without what a terminal would act on
    assert run(made, "--", "sh", "-c", "exit 3").returncode == 3
