"""Numbers of Linux's interface, the same for amd64 and arm64: errors (errno(3)) and kinds of files (inode(7)).

The built-in modules errno and _stat have them all, and would cost PID 1 32 kB for good. A test compares.
"""

from __future__ import annotations

EPERM, ENOENT, ESRCH, EINTR, EIO, ENXIO, ENOEXEC, EBADF = 1, 2, 3, 4, 5, 6, 8, 9
EAGAIN, ENOMEM, EACCES, ENOTDIR, EINVAL, ENFILE, EMFILE, ENOTTY = 11, 12, 13, 20, 22, 23, 24, 25
ENOSYS, EOPNOTSUPP, ETIMEDOUT, ECONNREFUSED = 38, 95, 110, 111

PIPE_BUF = 4096
"""A write of up to so many bytes to a pipe is all or nothing (pipe(7))."""

S_IFMT, S_IFIFO, S_IFCHR, S_IFDIR, S_IFREG, S_IFSOCK = 0o170000, 0o010000, 0o020000, 0o040000, 0o100000, 0o140000
