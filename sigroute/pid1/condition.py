"""What ``only-if`` asks for. A child is left out if one of its conditions does not hold (engine/conditions.py)."""

from __future__ import annotations

from sigroute.pid1.record import Record


class Condition(Record):
    """One condition, of a variable in the child's environment or of a path. kernel/conditions.py looks at it."""

    what: bytes
    """The name of a variable, or an absolute path."""
    values: tuple[bytes, ...] = ()
    """The variable has one of these; ``*`` at either end of one stands for anything. Empty: it is switched on, or the
    path exists."""
    negated: bool = False
    """The contrary."""

    def __str__(self) -> str:
        """Return it as the rule file has it."""
        what = self.what.decode("utf-8", "replace")
        if not self.values:
            return "!" * self.negated + what
        return what + "!" * self.negated + "=" + b"|".join(self.values).decode("utf-8", "replace")
