"""Run as ``python orphans.py NUMBER``: leaves so many processes behind, which end soon after.

That is what a daemon does when it starts, and many a health probe. Whoever adopts them has to reap
them: a process that has ended is a zombie until its parent asks how.
"""

from __future__ import annotations

import os
import sys
import time

#: Seconds: longer than this process takes to end, so that they end as orphans.
LIFE = 0.2


def main(number: int) -> None:
    """Make the processes and end at once."""
    for _ in range(number):
        if os.fork() == 0:
            time.sleep(LIFE)
            os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))
