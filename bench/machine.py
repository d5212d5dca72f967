"""The machine and the versions that the numbers belong to."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from pathlib import Path

import sigroute

PACKAGES = ("tini", "dumb-init", "catatonit", "s6", "supervisor")


def facts() -> dict[str, str]:
    """Return the facts that a reader needs to compare numbers; a load before the run may have caused high tails."""
    return {
        "CPU": f"{os.cpu_count()} x {_cpu()}",
        "kernel": platform.release().partition("-")[0],
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "sigroute": sigroute.__version__,
        "load before": f"{os.getloadavg()[0]:.1f}",
        **{package: version for package in PACKAGES if (version := _version(package))},
    }


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _version(package: str) -> str:
    """Return the version of a Debian package; empty if it is not installed."""
    if not shutil.which("dpkg-query"):
        return ""
    words = ["dpkg-query", "--show", "--showformat=${Version}", package]
    return subprocess.run(words, check=False, capture_output=True, text=True).stdout
