"""The functions of kernel/libc.py in the static executable, which has no ctypes: the watch makes the calls.

``sigroute compile`` puts this module in the place of that one.
"""

from __future__ import annotations

from sigroute.pid1.watch.core import is_subreaper, prctl, queue

__all__ = ["PR_GET_CHILD_SUBREAPER", "PR_SET_CHILD_SUBREAPER", "PR_SET_PDEATHSIG", "is_subreaper", "prctl", "queue"]

#: prctl(2).
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 1, 36, 37
