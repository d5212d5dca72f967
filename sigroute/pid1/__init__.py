"""Downstairs: what stays in memory as PID 1.

Nothing in this package imports more than a bare ``python3 -I -S`` has loaded or has built in C;
``tests/test_house.py`` holds that law.
"""
