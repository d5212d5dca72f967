"""The scenarios, by what they are about."""

from __future__ import annotations

from tests.real.drop_in.matrix import codes, families, forwarding, outputs, states, terminals, usage

SCENARIOS = [
    *codes.SCENARIOS,
    *forwarding.SCENARIOS,
    *states.SCENARIOS,
    *families.SCENARIOS,
    *terminals.SCENARIOS,
    *usage.SCENARIOS,
    *outputs.SCENARIOS,
]
