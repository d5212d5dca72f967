"""What may be meant in a rule file, and what does not fit where it is to be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.lint.warnings import find_warnings, not_a_stop
from sigroute.language.read.locate import locate
from sigroute.language.read.model import Table
from sigroute.language.resolve.conflicts import find_conflicts
from sigroute.language.resolve.resolved import Resolved

if TYPE_CHECKING:
    from sigroute.language.read.problems import Problem


def examine(
    resolved: Resolved, *, stopsignal: int | None = None, platform_grace: int | None = None
) -> tuple[Problem, ...]:
    """Return what there is to say about a file as it is written, without ``--on``.

    :param stopsignal: the signal that the platform stops the container with: its image's STOPSIGNAL.
    :param platform_grace: milliseconds that the platform gives a stop.
    """
    if resolved.rules.overrides.entries:
        resolved = Resolved(attrs.evolve(resolved.rules, overrides=Table()))
        if find_conflicts(resolved):
            return ()  # --on mends them, and the warnings would be about rules that can't be used
    findings = find_warnings(resolved, platform_grace)
    if stopsignal is not None:
        findings += not_a_stop(resolved, stopsignal)
    return locate(findings)
