"""What a child needs, when it is ready, whether it is started again: the keys of all layers as records of the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from sigroute.language.read.lifecycle import RESTARTS
from sigroute.language.read.lifecycle import Restart as RestartKeys
from sigroute.language.resolve.layering import first_said, path_of, who_says
from sigroute.language.resolve.templates import encoded
from sigroute.pid1.lifecycle import Alive, Ready, Restart, Task, Watch

if TYPE_CHECKING:
    from sigroute.language.read.lifecycle import Alive as AliveKeys
    from sigroute.language.read.lifecycle import Ready as ReadyKeys
    from sigroute.language.read.path import Path
    from sigroute.language.resolve.resolved import Resolved
    from sigroute.language.resolve.templates import Templates
    from sigroute.pid1.condition import Condition


@attrs.frozen(eq=False, repr=False)
class Lifecycle:
    """Makes these records for one child."""

    index: int
    """The child's, in the plan."""
    resolved: Resolved
    templates: Templates

    def ready(self) -> Ready | None:
        """Return when it is ready; None: as soon as it runs its program."""
        child = self.resolved.children[self.index].child
        layers = self.resolved.layering.of(child)
        keys: ReadyKeys | None = None if child.task is not None else first_said(layers, "ready", None)
        if keys is None:
            return None
        path, source = (*path_of(who_says(layers, "ready")), "ready"), self.resolved.rules.source
        target = ("children", self.index, "ready")
        listen = (*path, "listen")
        made = Ready(
            after=keys.after,
            listen=self.templates.text(keys.listen or "", (*target, "listen"), source, listen, "address"),
            notify=keys.notify,
            fd=keys.fd,
            file=self.templates.text(keys.file or "", (*target, "file"), source, (*path, "file"), "path"),
            run=self.templates.command(keys.run, (*target, "run"), source, (*path, "run")),
            every=keys.every,
            timeout=keys.timeout,
            within=keys.within,
        )
        self.templates.durations(made, target, source, path)
        return made

    def only_if(self) -> tuple[Condition, ...]:
        """Return the conditions that must all hold, or it is left out."""
        return first_said(self.resolved.layering.of(self.resolved.children[self.index].child), "only_if", ())

    def watch(self) -> tuple[Watch, ...]:
        """Return the paths that it watches."""
        watch = self.resolved.children[self.index].child.watch
        return tuple(Watch(path=encoded(path), signal=signal) for path, signal in watch.items())

    def alive(self) -> Alive | None:
        """Return how it is found out whether it is well; None: nobody looks."""
        child = self.resolved.children[self.index].child
        layers = self.resolved.layering.of(child)
        keys: AliveKeys | None = None if child.task is not None else first_said(layers, "alive", None)
        if keys is None:
            return None
        path, source = (*path_of(who_says(layers, "alive")), "alive"), self.resolved.rules.source
        target = ("children", self.index, "alive")
        made = Alive(
            run=self.templates.command(keys.run, (*target, "run"), source, (*path, "run")),
            every=keys.every,
            timeout=keys.timeout,
            failures=keys.failures,
        )
        self.templates.durations(made, target, source, path)
        return made

    def restart(self) -> Restart | None:
        """Return when it is started again; None: never."""
        child = self.resolved.children[self.index].child
        layers = (child,) if child.task is not None else self.resolved.layering.of(child)
        said: RestartKeys | str = first_said(layers, "restart", "never")
        keys = RESTARTS[said] if isinstance(said, str) else said
        if keys is None:
            return None
        path: Path = (*path_of(who_says(layers, "restart")), "restart")
        made = Restart(unless=keys.unless, waits=keys.wait, stable=keys.stable, attempts=keys.attempts)
        if child.task is not None:
            made = made.but(unless=tuple({0, *keys.unless}))
        self.templates.durations(made, ("children", self.index, "restart"), self.resolved.rules.source, path)
        return made

    def task(self) -> Task | None:
        """Return what makes it a task; None: it is a child."""
        child = self.resolved.children[self.index].child
        keys = child.task
        if keys is None:
            return None
        optional = keys.every is not None if keys.optional is None else keys.optional
        made = Task(timeout=keys.timeout, optional=optional, every=keys.every, at_end=keys.at == "end")
        self.templates.durations(made, ("children", self.index, "task"), self.resolved.rules.source, keys.path)
        return made
