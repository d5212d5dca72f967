"""What a child's process finds when it starts: the keys of all layers as one record of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.world_values import LIMITS
from sigroute.language.resolve.layering import first_said, merged, of_same_user, path_of, who_says
from sigroute.language.resolve.templates import encoded
from sigroute.pid1.plan import World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sigroute.language.read.path import Path
    from sigroute.language.read.source import Source
    from sigroute.language.read.world import World as Layer
    from sigroute.language.resolve.templates import Templates


@attrs.frozen(eq=False, repr=False)
class WorldMaker:
    """Makes the world of one child."""

    index: int
    """The child's, in the plan."""
    layers: Sequence[Layer]
    """Where its keys may stand, the strongest first."""
    source: Source
    templates: Templates
    has_terminal: bool

    def world(self) -> World:
        """Return it."""
        layers = self.layers
        user, _, group = self._text("user", "user").partition(b":")
        self._text("user", "group")
        none: tuple[str, ...] = ()
        files, groups = first_said(layers, "env_file", none), first_said(of_same_user(layers), "extra_groups", none)
        return World(
            user=user,
            group=group,
            extra_groups=tuple(encoded(each) for each in groups),
            cwd=self._text("cwd", "path"),
            umask=first_said(layers, "umask", None),
            env={encoded(name): self._variable(name, each) for name, each in merged(layers, "env").items()},
            env_files=tuple(self._file(number, each) for number, each in enumerate(files)),
            limits={LIMITS[name]: limit for name, limit in merged(layers, "limits").items()},
            nice=first_said(layers, "nice", None),
            output=self._text("output", "plain output" if self.has_terminal else "output") or World.output,
        )

    def _text(self, key: str, becomes: str) -> bytes:
        target = "group" if becomes == "group" else key
        path = (*path_of(who_says(self.layers, key)), key)
        return self._made(first_said(self.layers, key, ""), path, becomes, target)

    def _variable(self, name: str, value: str | bool) -> bytes | bool:  # noqa: FBT001 - what the rule says
        if isinstance(value, bool):
            return value
        path = (*path_of(who_says(self.layers, "env", name)), "env", name)
        return self._made(value, path, "text", "env", encoded(name))

    def _file(self, number: int, value: str) -> bytes:
        path = (*path_of(who_says(self.layers, "env_file")), "env-file", number)
        return self._made(value, path, "path", "env_files", number)

    def _made(self, value: str, path: Path, becomes: str, *target: str | int | bytes) -> bytes:
        return self.templates.text(value, ("children", self.index, "world", *target), self.source, path, becomes)
