"""The images under test, built from images/ on top of stand-ins for the official ones.

Everything is tagged with a hash of what it is made of, so it is made once per machine, and two
versions of the repository can be tested at the same time.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from sigroute.compile import main
from tests.real.require import need

from . import daemon
from .client import docker

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[2]

#: The static sigroute, as soon as the fixture ``dockerd`` has it.
WHOLE: list[Path] = []

#: What each image runs under its init.
START = {
    "nginx": ("--", "/docker-entrypoint.sh", "nginx", "-g", "daemon off;"),
    "postgres": ("--", "docker-entrypoint.sh", "postgres"),
}

#: How long a root file system is good for: Debian's updates come in, too.
WEEK = 7 * 86400


def image(kind: str) -> str:
    """Return the tag of ``images/KIND``, which is built unless it is there already."""
    folder = REPOSITORY / "images" / kind
    own = sigroute()
    with daemon.locked(f"image-{kind}"):
        base = stand_in(kind)
        tag = f"sigroute-test/{kind}:{digest(folder, extra=base + own)}"
        if not exists(tag):
            build(folder, tag, "--build-arg", f"BASE={base}", "--build-arg", f"SIGROUTE={own}")
    return tag


def sigroute() -> str:
    """Return the tag of ``images/sigroute``."""
    folder = REPOSITORY / "images" / "sigroute"
    tag = f"sigroute-test/sigroute:{digest(folder, WHOLE[0])}"
    with daemon.locked("image-sigroute"):
        if not exists(tag):
            with tempfile.TemporaryDirectory(prefix="sigroute-") as scratch:
                context = Path(scratch)
                shutil.copy(folder / "Dockerfile", context)
                shutil.copy(WHOLE[0], context / f"sigroute-{platform.machine()}")
                (context / f"sigroute-{platform.machine()}.txt").write_text("what is linked in\n")
                build(context, tag, "--build-arg", f"ARCH={platform.machine()}")
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


def site() -> str:
    """Return the tag of a whole site, without an init."""
    with daemon.locked("image-site"):
        return stand_in("site")


def busybox() -> str:
    """Return the tag of a root with nothing but Debian's busybox, which is static."""
    program = shutil.which("busybox")
    need(program, "busybox (Debian: busybox-static)")
    tag = f"sigroute-test/busybox:{digest(Path(str(program)))}"
    with daemon.locked("busybox"):
        if not exists(tag):
            with tempfile.TemporaryDirectory(prefix="sigroute-") as scratch:
                root = Path(scratch) / "root"
                for name in ("bin", "usr/local/bin"):
                    (root / name).mkdir(parents=True)
                shutil.copy(str(program), root / "bin")
                for name in ("sh", "sleep"):
                    (root / "bin" / name).symlink_to("busybox")
                tar = shutil.make_archive(str(root), "tar", root)
                docker("import", "--change=ENV PATH=/usr/local/bin:/bin", tar, tag)
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


def another_init(folder: Path, *words: str) -> list[str]:
    """``sigroute compile`` these words; return what has ``docker run`` take that init; START goes after the image."""
    init = folder / "my-init"
    assert main([*words, "--output", str(init)]) == 0
    return [f"--volume={init}:/my-init:ro", "--entrypoint=/my-init"]


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
            if file.is_file() and not {"__pycache__"} & set(file.parts):
                told.update(f"\0{file.relative_to(path.parent)}\0{os.access(file, os.X_OK)}\0".encode())
                told.update(file.read_bytes())
    return told.hexdigest()[:16]
