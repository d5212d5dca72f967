"""What is recorded beside what was built: which packages are in it, where their source is, and a checksum."""

from __future__ import annotations

import hashlib
import subprocess
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

from sigroute import __version__

if TYPE_CHECKING:
    from runtime.needs import Tools

#: If there is no such program, the packages are not Debian's; then paths and checksums are recorded.
QUERY = "/usr/bin/dpkg-query"

SHOWN = "${Package} ${Version}, from the source package ${source:Package} ${source:Version}\n"
SOURCE = "https://snapshot.debian.org/package/${source:Package}/${source:Version}/\n"

AGAIN = f"""\
To link it again with another C library or another Python, change those packages and run
python -m runtime in the sources of sigroute {__version__}: runtime/src is all that is linked with them.
"""

LICENSES = Path(__file__).parent.parent / "LICENSES"

SUMS = "SHA256SUMS"


def record(tools: Tools, name: str) -> str:
    """Return the text for a runtime: what is linked in, and how to link it again."""
    return f"A runtime of sigroute {__version__} for {name}. {linked(tools)}Their licences are in LICENSES/. {AGAIN}"


def record_whole(tools: Tools, name: str) -> str:
    """Return the text for the static sigroute: what is in it, and all licences, as no folder goes with it."""
    texts = {path.name: path.read_text() for path in sorted(LICENSES.glob("*.txt"))}
    texts["LICENSE of sigroute"] = (LICENSES.parent / "LICENSE").read_text()
    standard = origin(Path(f"/usr/lib/{Path(tools.standard_python).name}/os.py"))
    lines = ["modules of Python's standard library", *(f"    {line}" for line in standard), ""]
    for package in ("attrs", "tomli"):
        found = distribution(package)
        lines += [
            f"modules of {package} {found.version}",
            f"    https://pypi.org/project/{package}/{found.version}/",
            "",
        ]
        texts |= {f"{each.name} of {package}": each.read_text() for each in found.files or () if each.name == "LICENSE"}
    modules = "\n".join(lines)
    title = f"sigroute {__version__} as one static file, for {name}. {linked(tools)}Packed in:\n\n{modules}\n"
    return f"{title}Their licences follow. {AGAIN}" + "".join(f"\n==== {key}\n\n{text}" for key, text in texts.items())


def linked(tools: Tools) -> str:
    """Return what is linked in, from which packages."""
    asked = [tools.compiler, "-print-libgcc-file-name"]
    libgcc = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    libraries = (tools.python_library, tools.c_library / "libc.a", tools.c_library / "libm.a", Path(libgcc))
    lines = ["Linked in, as static libraries:", ""]
    for library in libraries:
        lines += [f"{library.name}", *(f"    {line}" for line in origin(library)), ""]
    return "\n".join([*lines, ""])


def origin(library: Path) -> list[str]:
    """Return the package and source of a library; its path and checksum without dpkg(1), or if no package has it."""
    file = library.resolve()
    try:
        owner = subprocess.run([QUERY, "-S", file], check=True, capture_output=True, text=True).stdout
        package = owner.partition(": ")[0].partition(", ")[0]  # several have the same file, each for its machine
        asked = [QUERY, "-W", "-f", SHOWN + SOURCE, package]
        return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        return [f"{file} (sha256 {digest(file)})"]


def add_sums(*files: Path) -> None:
    """Put the checksums of files into the list in their folder, as ``sha256sum -c`` reads it (sha256sum(1)).

    :raises OSError: it can't be written.
    """
    path = files[0].parent / SUMS
    known = dict(line.split("  ", 1)[::-1] for line in path.read_text().splitlines()) if path.exists() else {}
    known |= {file.name: digest(file) for file in files}
    path.write_text("".join(f"{known[name]}  {name}\n" for name in sorted(known)))


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
