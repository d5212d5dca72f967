"""Standing in for another init: how tini, dumb-init and catatonit differ from sigroute.

Each program has a module that reads its options and environment, and makes a Role of them. A Role is data: how the
child is started (kernel/options.py), what each signal does (routes.py, which routes_plan.py makes a plan of), and the
program's own messages (messages.py). The engine, the kernel seam and the loop are the same as for rules.
"""

from __future__ import annotations

#: By program name: the module here.
ROLES = {"tini": "tini", "docker-init": "tini", "dumb-init": "dumb_init", "catatonit": "catatonit"}
