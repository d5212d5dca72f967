"""The static init where there is nothing: no Python, and perhaps no shell, no C library, no /proc."""
