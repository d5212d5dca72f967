"""sigroute in the place of another init: what tini, dumb-init and catatonit do, as differences from sigroute.

A guise has a module: the program's options and environment, its texts, and what comes of them: a Part. That is
data: how the child is started (manner.py), what each signal does (routes.py, which makes a plan of it), and the
program's own messages (voice.py). The engine, the kernel seam and the loop are the same as for rules.
"""

from __future__ import annotations

#: By the name that it is called by, its module here.
GUISES = {"tini": "tini", "docker-init": "tini", "dumb-init": "dumb_init", "catatonit": "catatonit"}
