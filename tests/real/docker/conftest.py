"""What these tests share: dockerd, the two images, containers that are gone afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from tests.real.require import need

from . import daemon, images
from .client import Container
from .database import copy_template, make_template

#: What is run, and the Debian package it is in.
PROGRAMS = {"dockerd": "docker.io", "docker": "docker.io", "docker-init": "docker.io", "mmdebstrap": "mmdebstrap"}

Run = Callable[..., Container]


@pytest.fixture(scope="session", autouse=True)
def dockerd(runtimes: Path, whole: Path) -> Iterator[None]:
    assert runtimes.is_dir()  # what inits are made of
    images.WHOLE[:] = [whole]
    need(os.geteuid() == 0, "root, to run dockerd")
    for program, package in PROGRAMS.items():
        need(shutil.which(program), f"{program} (Debian: {package})")
    with daemon.running():
        yield


@pytest.fixture(scope="session")
def nginx() -> str:
    return images.image("nginx")


@pytest.fixture(scope="session")
def postgres() -> str:
    return images.image("postgres")


@pytest.fixture(scope="session")
def template(postgres: str) -> Iterator[Path]:
    """A database that has just been made."""
    folder = Path(tempfile.mkdtemp(prefix="sr-", dir="/tmp"))
    make_template(postgres, folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def database(template: Path, shared: Path) -> Callable[..., list[str]]:
    """Copy it for an ``owner``; return what ``docker run`` needs."""
    return partial(copy_template, template, shared / "database")


@pytest.fixture
def run(shared: Path) -> Iterator[Run]:
    """``docker run --detach``, as often as wanted.

    The containers end before the folder does that they may have mounted: fixtures end in the reverse order.
    """
    assert shared.is_dir()
    containers = []

    def run_one(image: str, *options: str, command: Sequence[str] = ()) -> Container:
        container = Container(image, options, command)
        containers.append(container)
        return container

    yield run_one
    for container in containers:
        container.remove()


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder to mount into a container, which any user can use; short, for sockets (unix(7): 107 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix="sr-", dir="/tmp"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)
