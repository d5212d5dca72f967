"""What ``check`` says of valid rules: warnings, and an error if they do not fit the image's STOPSIGNAL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.lint.warnings import find_warnings, not_a_stop
from sigroute.language.read.actions import Table
from sigroute.language.read.locate import locate
from sigroute.language.resolve.conflicts import find_conflicts
from sigroute.language.resolve.resolved import Resolved

if TYPE_CHECKING:
    from sigroute.language.read.problems import Problem


def examine(
    resolved: Resolved, *, stopsignal: int | None = None, platform_grace: int | None = None
) -> tuple[Problem, ...]:
    """Return the problems of a file as it is written, without ``--on``.

    :param stopsignal: the image's STOPSIGNAL, which the platform sends to stop the container.
    :param platform_grace: milliseconds that the platform gives a stop.
    """
    if resolved.rules.overrides.entries:
        resolved = Resolved(attrs.evolve(resolved.rules, overrides=Table()))
        if find_conflicts(resolved):
            return ()  # --on overrules the conflict, and without it there are no usable rules to warn about
    findings = find_warnings(resolved, platform_grace)
    if stopsignal is not None:
        findings += not_a_stop(resolved, stopsignal)
    return locate(findings)
