"""The bytecode that an init gets: for exactly the Python in its runtime.

``python -m runtime build`` has a Python of the same version compile it, and the runtime carries it. So with a runtime,
sigroute makes static inits under any Python. If the sources have changed since, as in a checkout, the Python that runs
sigroute compiles them, provided that it has the same bytecode.
"""

from __future__ import annotations

import marshal
import sys
from importlib.util import MAGIC_NUMBER

from sigroute.executable import NotARuntimeError, form_of, parts_in
from sigroute.pid1.encode import PLAIN
from sigroute.static.resident import compiled, joined
from sigroute.static.runtimes import BUILD, NoRuntimeError
from sigroute.static.sources import sources


def resident(runtime: bytes, kind: str) -> dict[str, bytes]:
    """Return the parts of an init with its bytecode.

    :param kind: one of ``ROOTS``.
    :raises NoRuntimeError: the runtime has none of these sources, and this Python can't make it.
    """
    try:
        parts = parts_in(runtime)
    except NotARuntimeError as error:
        message = f"cannot use the runtime: {error} ({BUILD})"
        raise NoRuntimeError(message) from None
    if parts.get("sources") != sources():
        if form_of(runtime).magic != MAGIC_NUMBER:
            message = f"the runtime was built from other sources of sigroute than are here ({BUILD})"
            raise NoRuntimeError(message)
        parts = compiled(sys.executable, [kind])
    last, index = marshal.loads(parts[f"index {kind}"])  # noqa: S302 - the build has written it
    data, places = joined((name, parts["modules"][begin : begin + size], later) for name, begin, size, later in index)
    same = {name: parts[name] for name in ("engine", "core", "posix")}
    return {**same, "index": marshal.dumps((last, list(places.values())), PLAIN), "modules": data}
