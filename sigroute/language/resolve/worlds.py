"""What a child's process finds when it starts: the keys of all layers as one record of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language.read.world_values import LIMITS
from sigroute.language.resolve.layering import first_said, merged, of_same_user
from sigroute.pid1.plan import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.world import World as Layer


def world_of(layers: Sequence[Layer]) -> World:
    """Return the world that these layers make, the first of them the strongest."""
    user, _, group = first_said(layers, "user", "").partition(":")
    env = merged(layers, "env")
    limits = merged(layers, "limits")
    return World(
        user=user.encode(),
        group=group.encode(),
        extra_groups=_in_bytes(first_said(of_same_user(layers), "extra_groups", ())),
        cwd=first_said(layers, "cwd", "").encode(),
        umask=first_said(layers, "umask", None),
        env={name.encode(): each if isinstance(each, bool) else each.encode() for name, each in env.items()},
        env_files=_in_bytes(first_said(layers, "env_file", ())),
        limits={LIMITS[name]: limit for name, limit in limits.items()},
        nice=first_said(layers, "nice", None),
        output=first_said(layers, "output", "inherit").encode(),
    )


def _in_bytes(words: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(word.encode() for word in words)
