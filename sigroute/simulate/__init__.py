"""What would the engine do? Tools ask a simulated kernel, or for one event. PID 1 loads none of this."""

from __future__ import annotations

from sigroute.pid1.watch.unchanged import effects_if_unchanged
from sigroute.simulate.world import World

__all__ = ["World", "effects_if_unchanged"]
