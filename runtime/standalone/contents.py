"""What the static sigroute is made of."""

from __future__ import annotations

from sigroute.pid1.engine.many import MODULES as MANY

#: Modules of Python's library that are linked in, beside those of every runtime (runtime/src/python.c).
LINKED = (
    "_abc", "_ast", "_codecs", "_collections", "_datetime", "_functools", "_io", "_locale", "_opcode", "_operator",
    "_posixsubprocess", "_random", "_sha256", "_sha512", "_signal", "_sre", "_stat", "_struct", "_thread", "_tokenize",
    "_weakref", "atexit", "errno", "itertools", "math", "select",
)  # fmt: skip

#: All built-in modules that there are.
BUILT_IN = (*LINKED, "_imp", "_warnings", "builtins", "fcntl", "gc", "marshal", "posix", "sys", "time")

#: To be imported, with all that they import. Those of a module's functions are found in sigroute's sources.
MODULES = (
    "encodings.utf_8", "traceback", "sigroute.cli", "sigroute.check", "sigroute.compile", "sigroute.convert",
    "sigroute.completion", "sigroute.demo", "sigroute.explain", "sigroute.help", "sigroute.journal.command",
    "sigroute.control.events", "sigroute.control.exporter", "sigroute.control.metrics", "sigroute.control.restart",
    "sigroute.control.send", "sigroute.control.start", "sigroute.control.status", "sigroute.control.stop",
    "sigroute.schema", "sigroute.show", "sigroute.timeline.command",
    "sigroute.pid1.compat.tini", "sigroute.pid1.compat.dumb_init", "sigroute.pid1.compat.catatonit",
    "sigroute.language.lint.examine", "sigroute.language.report.render", "sigroute.language.report.summary",
    *MANY,
)  # fmt: skip

#: Their docstrings stay: `sigroute schema` prints those of the model.
DOCUMENTED = ("sigroute.language.read.actions", "sigroute.language.read.lifecycle", "sigroute.language.read.model")

#: Modules that have another form, as the static sigroute has no files, no threads and no other Python.
INSTEAD = {
    "sigroute.pid1.kernel.inherited": "sigroute/pid1/watch/inherited.py",
    "sigroute.pid1.kernel.libc": "sigroute/pid1/watch/libc.py",
    "sigroute.pid1.kernel.polling": "sigroute/pid1/watch/polling.py",
    "sigroute.pid1.kernel.sockets": "sigroute/pid1/watch/sockets.py",
} | {
    name: f"runtime/standalone/forms/{name.rpartition('.')[2]}.py"
    for name in (
        "gettext", "hashlib", "sigroute.become", "sigroute.bundle", "sigroute.completion",
        "sigroute.control.exporter", "sigroute.control.live", "sigroute.demo",
        "sigroute.language.read.bundled", "sigroute.static.runtimes", "sigroute.static.sources",
    )
}  # fmt: skip
