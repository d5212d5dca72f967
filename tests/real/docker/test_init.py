"""The one file that an image has of sigroute, another one in its place, and one for a program of one's own."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from . import daemon, images
from .client import ask, docker

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

README = (images.REPOSITORY / "images" / "README.md").read_text()

#: What an image may have more than its base: megabytes.
LARGEST = 6

#: A module that Python must not take from where the environment says.
ALIEN = "import posix\nposix.write(2, b'alien')\nposix._exit(9)\n"

#: A program of one's own, which QUIT asks to finish.
APP = "#!/bin/sh\ntrap 'echo finished; exit 0' QUIT\necho up\nwhile :; do sleep 0.1; done\n"


@pytest.fixture(params=["nginx", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def tag(request: pytest.FixtureRequest, kind: str) -> str:
    return str(request.getfixturevalue(kind))


def test_it_tells_what_it_is(kind: str, tag: str) -> None:
    told = ask(tag, f"/{kind}-init", "--sigroute-version")
    assert f"\nrules {kind}.toml (sha256 " in told


def test_it_tells_its_rules(kind: str, tag: str) -> None:
    rules = (images.REPOSITORY / "images" / kind / f"{kind}.toml").read_text()
    assert ask(tag, f"/{kind}-init", "--sigroute-rules").startswith(rules)


def test_it_is_all_there_is_of_sigroute(kind: str, tag: str) -> None:
    assert ask(tag, "find", "/", "-xdev", "-name", f"*{kind}-init*", "-o", "-name", "*sigroute*").split() == [
        f"/{kind}-init"
    ]


def test_it_makes_the_image_little_larger(kind: str, tag: str) -> None:
    before, now = images.size(images.stand_in(kind)), images.size(tag)
    assert before < now < before + LARGEST * 1_000_000


def test_nothing_of_apt_is_left_in_it(tag: str) -> None:
    assert ask(tag, "find", "/var/cache/apt", "/var/lib/apt/lists", "-type", "f", "-size", "+0") == ""


@pytest.mark.parametrize("less", [[], ["--read-only", "--user=12345:12345"]], ids=["", "read-only, user"])
def test_another_is_mounted_over_it(kind: str, tag: str, run: Run, shared: Path, less: list[str]) -> None:
    init = images.another_init(kind, shared, "default", "--on", "stop=KILL")
    container = run(tag, init, *less, command=["sleep", "600"])
    container.wait_for(") started as ")
    assert container.stop() < 5
    assert container.wait() == 137
    assert "gets KILL [--on stop]" in container.logs()


def test_what_the_environment_says_to_python_is_for_the_command(tag: str, shared: Path) -> None:
    for name in ("sitecustomize", "posix", "marshal", "codecs", "encodings", "startup"):
        (shared / f"{name}.py").write_text(ALIEN)
    environ = ["PYTHONPATH=/shared", "PYTHONHOME=/shared", "PYTHONSTARTUP=/shared/startup.py", "PYTHONINSPECT=1"]
    options = [f"--env={each}" for each in environ]
    done = docker("run", "--rm", "--network=none", f"--volume={shared}:/shared", *options, tag, "env")
    assert set(environ) <= set(done.stdout.splitlines())
    assert "alien" not in done.stderr


@pytest.fixture
def app(tmp_path: Path) -> str:
    """The image that the README makes for a program of one's own."""
    (dockerfile,) = re.findall(r"```dockerfile\n(.*?)```", README, re.DOTALL)
    (rules,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    python, alpine = "FROM python:3-slim AS init", "FROM alpine:3"
    assert python in dockerfile
    assert alpine in dockerfile
    dockerfile = dockerfile.replace(python, f"FROM {images.stand_in('python')} AS init\nENV PIP_NO_INDEX=1")
    (tmp_path / "Dockerfile").write_text(dockerfile.replace(alpine, f"FROM {images.root_file_system()}"))
    (tmp_path / "app.toml").write_text(rules)
    (tmp_path / "app").write_text(APP)
    (tmp_path / "app").chmod(0o755)
    tag = f"sigroute-test/app:{images.digest(tmp_path, extra=images.wheels().name)}"
    shutil.copytree(images.wheels(), tmp_path / "wheels")
    with daemon.locked("image-app"):
        if not images.exists(tag):
            images.build(tmp_path, tag)
    return tag


def test_the_readme_makes_one_for_any_program(app: str, run: Run) -> None:
    container = run(app)
    container.wait_for("up\n")
    assert container.stop() < 5
    assert container.wait() == 0
    log = container.logs()
    assert "gets QUIT [child.app.on.stop]" in log
    assert "finished" in log
