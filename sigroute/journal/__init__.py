"""Reading the journal that PID 1 writes (pid1/journal/), and running the engine over it once more."""
