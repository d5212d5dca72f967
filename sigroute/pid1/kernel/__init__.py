"""All system calls of PID 1."""
