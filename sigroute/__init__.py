"""sigroute: a PID 1 for containers that routes signals by rules and reaps every zombie."""

__version__ = "0.1.0"
