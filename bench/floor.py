"""The floor for an init in Python: it blocks signals, starts COPIES of a command, forwards and reaps, and no more.

python3 -I -S bench/floor.py COPIES CMD [ARG...]
"""

import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal as _signal
else:
    import _signal  # as sigroute does: signal itself imports enum

ALL = _signal.valid_signals()
before = _signal.pthread_sigmask(_signal.SIG_BLOCK, ALL)
children, code = set(), 0
for _ in range(int(sys.argv[1])):
    pid = posix.fork()
    if not pid:
        for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # CPython ignores them, and exec keeps that (execve(2))
            _signal.signal(number, _signal.SIG_DFL)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
        posix.execv(sys.argv[2], sys.argv[2:])
    children.add(pid)
while children:
    arrived = _signal.sigwaitinfo(ALL).si_signo
    if arrived != _signal.SIGCHLD:
        for pid in children:
            posix.kill(pid, arrived)
    while children:
        pid, status = posix.waitpid(-1, posix.WNOHANG)
        if not pid:
            break
        if pid in children:
            children.remove(pid)
            code = posix.waitstatus_to_exitcode(status)
posix._exit(code if code >= 0 else 128 - code)  # noqa: SLF001 - this is its public name; there is nothing to clean up
