"""Builds the static executable that a compiled init is made of: the watch, in C, and a Python."""
