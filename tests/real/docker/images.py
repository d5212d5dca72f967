"""The images under test, built from images/ on top of stand-ins for the official ones.

Everything is tagged with a hash of what it is made of, so it is made once per machine, and two
versions of the repository can be tested at the same time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sigroute.compile import main
from sigroute.static import runtimes

from . import daemon
from .client import docker

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]

#: What the wheel is made of.
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "sigroute", "rules", "runtime")

#: How long a root file system is good for: Debian's updates come in, too.
WEEK = 7 * 86400


def image(kind: str) -> str:
    """Return the tag of ``images/KIND``, which is built unless it is there already."""
    folder = REPOSITORY / "images" / kind
    with daemon.locked(f"image-{kind}"):
        base = stand_in(kind)
        tag = f"sigroute-test/{kind}:{digest(folder, *(REPOSITORY / name for name in SOURCES), extra=base)}"
        if not exists(tag):
            with tempfile.TemporaryDirectory(prefix="sigroute-") as scratch:
                context = Path(scratch) / kind
                shutil.copytree(folder, context, ignore=shutil.ignore_patterns("wheels"))
                shutil.copytree(wheels(), context / "wheels")
                arguments = (f"BASE={base}", f"BUILD={stand_in('python')}", "PIP_NO_INDEX=1")
                build(context, tag, *[word for each in arguments for word in ("--build-arg", each)])
    return tag


def with_python(kind: str) -> str:
    """Return the tag of ``images/KIND`` with a Python in it, for tests that run one there."""
    base = image(kind)
    with daemon.locked(f"image-{kind}-python"):
        tag = f"sigroute-test/{kind}-python:{base.rpartition(':')[2]}"
        if not exists(tag):
            with tempfile.TemporaryDirectory(prefix="sigroute-") as scratch:
                install = "apt-get -qq update && apt-get -qq install --no-install-recommends -y python3-minimal"
                (Path(scratch) / "Dockerfile").write_text(f"FROM {base}\nRUN {install}\n")
                build(Path(scratch), tag)
    return tag


def stand_in(kind: str) -> str:
    """Return the tag of what stands in for the official image *kind*."""
    debian = root_file_system()
    folder = HERE / "bases" / kind
    tag = f"sigroute-test/base-{kind}:{digest(folder, extra=debian)}"
    if not exists(tag):
        build(folder, tag, "--build-arg", f"DEBIAN={debian}")
    return tag


def root_file_system() -> str:
    """Return the tag of Debian with both servers, made by bases/debian.sh."""
    script = HERE / "bases" / "debian.sh"
    week = str(int(time.time()) // WEEK)
    tag = f"sigroute-test/debian:{digest(script, extra=week)}"
    with daemon.locked("debian"):
        if not exists(tag):
            with tempfile.TemporaryDirectory(prefix="sigroute-") as scratch:
                tar = Path(scratch) / "debian.tar"
                done = subprocess.run([script, tar], check=False, capture_output=True, text=True, timeout=600)
                assert done.returncode == 0, done.stderr[-3000:]
                docker("import", str(tar), tag)
    return tag


def wheels() -> Path:
    """Return the folder with sigroute's wheel and what it needs: pure Python, so good for any image."""
    made = daemon.CACHE / "wheels" / digest(*(REPOSITORY / name for name in SOURCES))
    with daemon.locked("wheels"):
        if not made.exists():
            made.parent.mkdir(exist_ok=True)
            with tempfile.TemporaryDirectory(dir=made.parent) as scratch:
                fill(Path(scratch) / "wheels")
                (Path(scratch) / "wheels").rename(made)
    return made


def fill(folder: Path) -> None:
    """Do what images/README.md tells for a build without network."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    source = folder.parent / "source"
    source.mkdir()
    for name in SOURCES:  # a copy: an editor may be at work on the original
        path = REPOSITORY / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    shutil.copytree(runtimes.FOLDER, source / "sigroute" / "runtimes", dirs_exist_ok=True)
    any_python = ["--only-binary=:all:", "--platform=any", "--python-version=3.11"]
    for words in (
        ["wheel", "--no-deps", f"--wheel-dir={folder}", str(source)],
        ["download", *any_python, f"--dest={folder}", "attrs>=22.2", "tomli>=2.1"],
    ):
        done = subprocess.run([*pip, *words], check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-3000:]


def another_init(kind: str, folder: Path, *words: str) -> str:
    """``sigroute compile`` these words; return what mounts the init over the one in ``images/KIND``."""
    init = folder / "my-init"
    assert main([*words, "--output", str(init)]) == 0
    return f"--volume={init}:/{kind}-init:ro"


def size(tag: str) -> int:
    """Return how many bytes an image has, with those of its base."""
    return int(docker("image", "inspect", "--format", "{{.Size}}", tag).stdout)


def build(context: Path, tag: str, *options: str) -> None:
    """``docker build``, without network."""
    docker("build", "--network=none", "--tag", tag, *options, str(context), timeout=600)


def exists(tag: str) -> bool:
    """Tell whether an image is there."""
    return docker("image", "inspect", tag, check=False).returncode == 0


def digest(*paths: Path, extra: str = "") -> str:
    """Return a short hash of files, their names and modes."""
    told = hashlib.sha256(extra.encode())
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and not {"__pycache__", "wheels"} & set(file.parts):
                told.update(f"\0{file.relative_to(path.parent)}\0{os.access(file, os.X_OK)}\0".encode())
                told.update(file.read_bytes())
    return told.hexdigest()[:16]
