"""What would the engine do? Tools ask that, and PID 1 does not: a world of numbers, and questions to one step."""

from __future__ import annotations

from sigroute.simulate.unchanged import effects_if_unchanged
from sigroute.simulate.world import World

__all__ = ["World", "effects_if_unchanged"]
