"""Python does not come up in PID 1, in every way that could be found: PID 1 goes on without it."""
