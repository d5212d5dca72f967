"""PID 1 in the static executable: the engine above the watch (runtime/src/), and the answers for the watch."""
