"""A real nginx in a directory of its own, as a proxy before whatever a test puts behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.real.traffic import HOST

if TYPE_CHECKING:
    from pathlib import Path

# root: the directory is root's alone, and a worker reopens logs by their path. Nothing is buffered, as a buffer could
# swallow the half of an answer that tells that the request is in flight.
CONFIGURATION = """
user root;
worker_processes 2;
pid {root}/nginx.pid;
error_log {root}/error.log notice;
events {{ worker_connections 1024; }}
http {{
    access_log {root}/access.log;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    {more}
    server {{
        listen {host}:{port};
        location / {{ {behind} }}
    }}
}}
"""


def before_http(port: int) -> str:
    """Return what goes into ``location`` for an upstream that speaks HTTP."""
    return f"proxy_pass http://{HOST}:{port}; proxy_buffering off; proxy_read_timeout 300s;"


def before_php(socket: Path, script: Path) -> str:
    """Return what goes into ``location`` for PHP-FPM: one script, whatever is asked."""
    return (
        f"fastcgi_pass unix:{socket}; fastcgi_buffering off; fastcgi_read_timeout 300s;"
        f" fastcgi_param SCRIPT_FILENAME {script}; fastcgi_param REQUEST_METHOD GET; fastcgi_param REQUEST_URI $uri;"
    )


def before_nginx(port: int) -> tuple[str, str]:
    """Return what goes into ``location`` and into ``http`` for an upstream whose connections are kept open."""
    inside = 'proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection "";'
    return inside, f"upstream behind {{ server {HOST}:{port}; keepalive 32; }}"


def configured(root: Path | str, port: int, behind: str, more: str = "") -> str:
    """Return the text of a configuration.

    :param more: what else goes into ``http``.
    """
    return CONFIGURATION.format(root=root, host=HOST, port=port, behind=behind, more=more)


def command(root: Path, port: int, behind: str, more: str = "") -> list[str]:
    """Write the configuration; return the command that runs it.

    :param more: what else goes into ``http``.
    """
    path = root / "nginx.conf"
    path.write_text(configured(root, port, behind, more))
    return ["nginx", "-e", str(root / "error.log"), "-c", str(path), "-g", "daemon off;"]
