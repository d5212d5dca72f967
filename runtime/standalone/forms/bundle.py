"""The form of sigroute/bundle.py in the static sigroute: it has no sources of which to make a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sigroute.static.runtimes import NoRuntimeError

if TYPE_CHECKING:
    from typing import NoReturn

PACKAGE = Path()


def bundle(*_: object) -> NoReturn:
    """Say what makes a script.

    :raises NoRuntimeError: always.
    """
    message = (
        "--python needs the Python package, from a checkout of sigroute (pip install .); this file makes static inits"
    )
    raise NoRuntimeError(message)


core_of_role = core_of_rules = bytecode = closure = bundle
