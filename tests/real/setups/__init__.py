"""The rule files of tests/data/setups, unchanged, as PID 1 of containers that have what they name."""
