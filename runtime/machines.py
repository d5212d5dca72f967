"""The machines that a runtime can be built for, and Debian's names for what such a build needs."""

from __future__ import annotations

import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """A machine by its several names."""

    name: str
    """What ``uname -m`` says there."""
    triplet: str
    """Of the folders of its headers and libraries, and of its compiler (Debian's multiarch)."""
    debian: str
    """Debian's name of its architecture."""

    @property
    def native(self) -> bool:
        """Whether it is this machine."""
        return self.name == platform.machine()

    def tool(self, name: str) -> str:
        """Return the name of a tool (``gcc``, ``ar``) that makes files for it."""
        return f"{self.triplet}-{name}"

    def tools_package(self, name: str) -> str:
        """Return the package that has such tools, from the name of the native one (``gcc``, ``binutils``)."""
        return name if self.native else f"{name}-{self.triplet.replace('_', '-')}"

    def package(self, name: str) -> str:
        """Return apt-get's name for its own package of this name, such as ``libc6-dev:arm64``."""
        return name if self.native else f"{name}:{self.debian}"


MACHINES = {
    each.name: each
    for each in (
        Machine("x86_64", "x86_64-linux-gnu", "amd64"),
        Machine("aarch64", "aarch64-linux-gnu", "arm64"),
    )
}
