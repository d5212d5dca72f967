"""All measures, in the order of the report."""

from __future__ import annotations

from bench.measures.broadcast import BROADCAST
from bench.measures.compiling import COMPILING
from bench.measures.engine import ENGINE
from bench.measures.idle import IDLE
from bench.measures.latency import LATENCY
from bench.measures.many import MANY
from bench.measures.memory import MEMORY
from bench.measures.reaping import REAPING
from bench.measures.size import SIZE
from bench.measures.start import START
from bench.measures.stopping import STOPPING
from bench.measures.whole import WHOLE
from bench.measures.window import WINDOW

MEASURES = (START, WHOLE, LATENCY, REAPING, MEMORY, ENGINE, SIZE, IDLE, BROADCAST, COMPILING, WINDOW, STOPPING, MANY)
