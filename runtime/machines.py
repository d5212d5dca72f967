"""The machines that a runtime can be built for, and what Debian calls what that takes."""

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

    @property
    def compiler(self) -> str:
        """The compiler for it."""
        return f"{self.triplet}-gcc"

    @property
    def compiler_package(self) -> str:
        """The package that has the compiler."""
        return "gcc" if self.native else f"gcc-{self.triplet.replace('_', '-')}"

    def package(self, name: str) -> str:
        """Return what apt-get calls this package for that machine."""
        return name if self.native else f"{name}:{self.debian}"


MACHINES = {
    each.name: each
    for each in (
        Machine("x86_64", "x86_64-linux-gnu", "amd64"),
        Machine("aarch64", "aarch64-linux-gnu", "arm64"),
    )
}
