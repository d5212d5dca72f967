"""The exit codes that sigroute gives itself: those of sysexits.h and of a shell."""

from __future__ import annotations

#: EXIT_SUCCESS, and EXIT_FAILURE where no other code says more (stdlib.h).
SUCCESS, FAILURE = 0, 1

#: The command line is wrong (EX_USAGE); something that is needed is missing (EX_UNAVAILABLE); the answer cannot be
#: written (EX_IOERR); this user may not ask for that (EX_NOPERM); the rules are wrong (EX_CONFIG).
USAGE, UNAVAILABLE, CANNOT_WRITE, NO_PERMISSION, BAD_RULES = 64, 69, 74, 77, 78

#: What a shell says of a command that it finds but cannot run, and of one that it does not find.
CANNOT_RUN, NOT_FOUND = 126, 127

#: What a shell adds to the number of the signal that ended a command.
BY_SIGNAL = 128
