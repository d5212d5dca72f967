"""``python -m bench``: measure sigroute and other inits side by side."""

from __future__ import annotations

import sys

from bench.needs import missing


def main() -> int:
    """Run the bench if the machine has what it needs; return the exit code."""
    lacking = missing()
    if lacking:
        print(f"bench: {lacking}", file=sys.stderr)
        return 1
    from bench.command import run  # noqa: PLC0415 - it imports the modules that missing() has found

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
