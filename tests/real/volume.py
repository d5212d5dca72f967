"""A directory that is changed as Kubernetes changes a mounted ConfigMap: by one rename of a symbolic link.

Each file is a link through ``..data`` into a directory of its own for each version (pkg/volume/util/atomic_writer.go in
github.com/kubernetes/kubernetes).
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Volume:
    """One of them, with one file."""

    def __init__(self, root: Path, name: str, text: str) -> None:
        root.mkdir()
        self.root, self.name, self.version = root, name, 0
        self.path = root / name
        self.swap(text)
        self.path.symlink_to(f"..data/{name}")

    def swap(self, text: str) -> None:
        """Put another version of the file in its place, in one step."""
        self.version += 1
        new = self.root / f"..{self.version}"
        new.mkdir()
        (new / self.name).write_text(text)
        link = self.root / "..data_tmp"
        link.symlink_to(new.name)
        link.rename(self.root / "..data")
        shutil.rmtree(self.root / f"..{self.version - 1}", ignore_errors=True)
