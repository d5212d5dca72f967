"""``python -m runtime``."""

from __future__ import annotations

import sys

from runtime.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
