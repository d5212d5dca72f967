"""The status of a world, as both forms of the answer tell it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sigroute.pid1.control.as_json import as_json
from sigroute.pid1.control.status import status
from sigroute.pid1.control.table import table

if TYPE_CHECKING:
    from tests.pid1.world import World


def told(world: World) -> tuple[dict[str, Any], str]:
    """Return what the JSON says, and the table; they are of one status."""
    found = status(world.plan, world.state, world.now)
    parsed = json.loads(as_json(found))
    assert isinstance(parsed, dict)
    return parsed, table(parsed)
