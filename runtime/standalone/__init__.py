"""Builds the static sigroute: the whole command line in one file that needs no Python, no C library, no /proc.

The file is a runtime with more of Python's built-in modules. Its payload has what a runtime carries for those who make
an executable of it (sigroute/static/resident.py), and these parts: ``start``, the first code of the command line;
``library``, an index and then the modules of the command line, the standard library, attrs and tomli; ``commands``, the
first words of those commands that start no child, and ``roles``, the names of other inits, each with a zero byte after
it; ``bundled``, the bundled rules by
name; and for each of them and each format of the log ``NAME.LOG``, a payload with what the rules come to.
"""
