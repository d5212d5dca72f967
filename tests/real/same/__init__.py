"""The static init and Python alone, each as PID 1 of the same story: their system calls are compared."""
