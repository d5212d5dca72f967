"""The size of the file that an image needs."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from bench import compiled
from bench.contestants import COMPILED, TINI, WHOLE_NGINX
from bench.measure import Measure
from bench.results import Row, summarize

if TYPE_CHECKING:
    from bench.contestants import Contestant
    from bench.lab import Lab

FILE, PACKED = "kB", "kB gzipped"

ABOUT = "sigroute's file needs nothing else, tini's needs the C library, which most images have"


def run(lab: Lab) -> list[Row]:
    """Return the size of each file."""
    rows = []
    for each in lab.able(COMPILED, WHOLE_NGINX, TINI):
        data = path_of(each).read_bytes()
        rows += [Row("size", FILE, each.name, summarize([len(data) / 1000]))]
        rows += [Row("size", PACKED, each.name, summarize([len(gzip.compress(data)) / 1000]))]
    return rows


def path_of(contestant: Contestant) -> Path:
    """Return its file."""
    if contestant is TINI:
        return Path(str(shutil.which("tini")))
    return compiled.whole() if contestant is WHOLE_NGINX else compiled.from_name("nginx")


SIZE = Measure("size", {"the file that an image needs (less is better)": [FILE, PACKED]}, run, (1, 1), about=ABOUT)
