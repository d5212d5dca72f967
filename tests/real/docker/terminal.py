"""``docker run -it`` at a real terminal, whose window is the container's, too."""

from __future__ import annotations

import uuid

from tests.real.terminal import screen

from . import daemon
from .client import docker
from .waiting import eventually


class Terminal(screen.Terminal):
    """A person's terminal, in which one ``docker run -it`` runs."""

    def __init__(self, image: str, *words: str, options: tuple[str, ...] = ()) -> None:
        self.name = f"sigroute-test-{uuid.uuid4().hex[:12]}"
        run = ["docker", "run", "--interactive", "--tty", "--name", self.name, "--network=none", *options]
        super().__init__([*run, image, *words], environment=daemon.environ())

    def attach(self) -> screen.Terminal:
        """Sit down at another terminal with the same container."""
        return screen.Terminal(["docker", "attach", self.name], environment=daemon.environ())

    def has(self, command: str) -> None:
        """Wait until *command* has the terminal in the container (the ``+`` of ps(1))."""

        def look() -> bool:
            lines = docker("top", self.name, "-eo", "pid,stat,args", check=False).stdout.splitlines()
            return any("+" in line.split()[1] and line.split(None, 2)[2] == command for line in lines[1:])

        eventually(look, f"{command} is in the foreground")

    def close(self) -> None:
        """End everything."""
        docker("rm", "--force", "--volumes", self.name, check=False)
        super().close()
