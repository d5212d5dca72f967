"""sigroute in the place of another init: what tini, dumb-init and catatonit do, as differences from sigroute.

Each program has a module: its options and environment, its texts, and what comes of them, a Role. A Role is data: how
the child is started (kernel/options.py), what each signal does (routes.py; routes_plan.py makes a plan of it), and the
program's own messages (messages.py). The engine, the kernel seam and the loop are the same as for rules.
"""

from __future__ import annotations

#: By the name that it is called by, its module here.
ROLES = {"tini": "tini", "docker-init": "tini", "dumb-init": "dumb_init", "catatonit": "catatonit"}
