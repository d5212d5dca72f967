"""nginx between a client and an upstream of ours, over Unix sockets in a folder that all three share.

No network, and no request that takes "about 3 s": the upstream answers when the test says so. So a
request is known to be in flight, for exactly as long as is needed.
"""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from .waiting import PATIENCE, eventually

if TYPE_CHECKING:
    from pathlib import Path

    from .client import Container

SITE = """
server {
    listen unix:/shared/nginx.sock;
    location /fast { return 200 "fast\\n"; }
    location / { proxy_pass http://unix:/shared/upstream.sock; proxy_read_timeout 90s; }
}
"""

ANSWER = b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nslow\n"


class Traffic:
    """The client, the upstream, and what has been answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "site.conf").write_text(SITE)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "upstream.sock"))
        (folder / "upstream.sock").chmod(0o777)
        self._listener.listen(64)
        self._listener.settimeout(PATIENCE)
        self._waiting: list[socket.socket] = []
        self._clients: list[threading.Thread] = []
        self.answers: list[bytes] = []

    def options(self) -> list[str]:
        """Return what ``docker run`` needs for it."""
        site = self.folder / "site.conf"
        return [f"--volume={self.folder}:/shared", f"--volume={site}:/etc/nginx/conf.d/default.conf:ro"]

    def request(self, path: str) -> bytes:
        """Ask nginx for *path*; return everything it says, or what went wrong."""
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(PATIENCE)
                client.connect(str(self.folder / "nginx.sock"))
                client.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                return b"".join(iter(lambda: client.recv(4096), b""))
        except OSError as error:
            return str(error).encode()

    def is_fast(self) -> bool:
        """Tell whether nginx answers by itself."""
        return self.request("/fast").endswith(b"\r\n\r\nfast\n")

    def wait_until_up(self, container: Container) -> None:
        """Wait until nginx answers."""

        def look() -> bool:
            return self.is_fast() or not container.is_running()

        eventually(look, "nginx answers")
        assert container.is_running(), container.logs()

    def begin(self, count: int) -> None:
        """Have so many requests in flight: each has reached the upstream."""
        for _ in range(count):
            thread = threading.Thread(target=lambda: self.answers.append(self.request("/slow")))
            thread.start()
            self._clients.append(thread)
            self._waiting.append(self._listener.accept()[0])

    def finish(self) -> list[bytes]:
        """Answer them all; return what the clients got."""
        for upstream in self._waiting:
            upstream.settimeout(PATIENCE)
            try:
                upstream.recv(4096)
                upstream.sendall(ANSWER)
            except OSError:
                pass  # nginx has gone: the client tells
            upstream.close()
        self._waiting.clear()
        for thread in self._clients:
            thread.join(PATIENCE)
        self._clients.clear()
        return self.answers

    def close(self) -> None:
        """Leave nobody waiting."""
        self.finish()
        self._listener.close()
