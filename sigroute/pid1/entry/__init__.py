"""From the first instruction in PID 1 to the loop: after an exec (take_over.py) or in a compiled init (boot.py)."""
