"""The one file that an image has of sigroute, another one in its place, and one for a program of one's own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from sigroute import __version__

from . import daemon, images
from .client import ask, docker

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

README = (images.REPOSITORY / "images" / "README.md").read_text()

#: What an image may have more than its base: megabytes.
LARGEST = 10

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


def test_it_tells_what_it_is(tag: str) -> None:
    assert ask(tag, "/sigroute", "--version") == f"sigroute {__version__}\n"


def test_it_tells_its_rules(kind: str, tag: str) -> None:
    assert ask(tag, "/sigroute", "rules", "show", kind) == (images.REPOSITORY / "rules" / f"{kind}.toml").read_text()


def test_it_is_all_there_is_of_sigroute(tag: str) -> None:
    assert ask(tag, "find", "/", "-xdev", "-name", "*sigroute*").split() == ["/sigroute"]


def test_it_makes_the_image_little_larger(kind: str, tag: str) -> None:
    before, now = images.size(images.stand_in(kind)), images.size(tag)
    assert before < now < before + LARGEST * 1_000_000


def test_nothing_of_apt_is_left_in_it(tag: str) -> None:
    assert ask(tag, "find", "/var/cache/apt", "/var/lib/apt/lists", "-type", "f", "-size", "+0") == ""


@pytest.mark.parametrize("less", [[], ["--read-only", "--user=12345:12345"]], ids=["", "read-only, user"])
def test_another_takes_its_place(tag: str, run: Run, shared: Path, less: list[str]) -> None:
    init = images.another_init(shared, "default", "--on", "stop=KILL")
    container = run(tag, *init, *less, command=["--", "sleep", "600"])
    container.wait_for(") started as ")
    assert container.stop() < 5
    assert container.wait() == 137
    assert "gets KILL [--on stop]" in container.logs()


def test_a_rule_file_is_mounted(tag: str, run: Run, shared: Path) -> None:
    (shared / "my.toml").write_text('[on]\nstop = "KILL"\n')
    mounted = [f"--volume={shared}/my.toml:/my.toml:ro", "--entrypoint=/sigroute"]
    container = run(tag, *mounted, command=["--rules", "/my.toml", "--", "sleep", "600"])
    container.wait_for(") started as ")
    assert container.stop() < 5
    assert container.wait() == 137


def test_what_the_environment_says_to_python_is_for_the_command(tag: str, shared: Path) -> None:
    for name in ("sitecustomize", "posix", "marshal", "codecs", "encodings", "startup"):
        (shared / f"{name}.py").write_text(ALIEN)
    environ = ["PYTHONPATH=/shared", "PYTHONHOME=/shared", "PYTHONSTARTUP=/shared/startup.py", "PYTHONINSPECT=1"]
    options = [f"--env={each}" for each in environ]
    done = docker("run", "--rm", "--network=none", f"--volume={shared}:/shared", *options, tag, "env")
    assert set(environ) <= set(done.stdout.splitlines())
    assert "alien" not in done.stderr


@pytest.fixture(params=["with sigroute", "compiled"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An image that the README makes for a program of one's own, on a base like Alpine: busybox, and no glibc."""
    _, *dockerfiles = re.findall(r"```dockerfile\n(.*?)```", README, re.DOTALL)
    (rules,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    dockerfile = dict(zip(("with sigroute", "compiled"), dockerfiles, strict=True))[request.param]
    own, base = images.sigroute(), images.busybox()
    assert "FROM alpine:3\n" in dockerfile
    assert ("FROM sigroute AS init\n" in dockerfile) == (request.param == "compiled")
    named = dockerfile.replace("--from=sigroute", f"--from={own}").replace("FROM sigroute ", f"FROM {own} ")
    (tmp_path / "Dockerfile").write_text(named.replace("FROM alpine:3", f"FROM {base}"))
    (tmp_path / "app.toml").write_text(rules)
    (tmp_path / "app").write_text(APP)
    (tmp_path / "app").chmod(0o755)
    tag = f"sigroute-test/app:{images.digest(tmp_path)}"
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
