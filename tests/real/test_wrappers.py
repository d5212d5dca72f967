"""Programs below a wrapper that stays: the rules reach them, and nothing in flight is lost."""

from __future__ import annotations

import shlex
import shutil
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.container import SIGROUTE, Container
from tests.real.require import need
from tests.real.test_httpd import IN_FLIGHT, RULES, serving
from tests.real.traffic import Load, Upstream, free_port, quick, until

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("form")

#: By name: words before the shell's code, what follows the server in it, and what stays.
WRAPPERS = {
    "sh": (["sh", "-c"], "; exit $?"),
    "su": (["su", "-s", "/bin/sh", "root", "-c"], ""),
    "su and a shell": (["su", "-s", "/bin/sh", "root", "-c"], "; exit $?"),
    "runuser": (["runuser", "-u", "root", "--", "sh", "-c"], "; exit $?"),
    "script": (["script", "-qec"], ""),
    "bwrap": (["bwrap", "--dev-bind", "/", "/", "--unshare-pid", "--proc", "/proc", "sh", "-c"], ""),
    "xvfb-run": (["xvfb-run", "-a", "sh", "-c"], "; exit $?"),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_stop_finishes_what_is_in_flight_below_a_wrapper(tmp_path: Path, name: str) -> None:
    words, after = WRAPPERS[name]
    need(shutil.which("nginx"), "nginx")
    need(shutil.which(words[0]), words[0])
    with Upstream() as upstream:
        port = free_port()
        code = shlex.join(nginx.command(tmp_path, port, nginx.before_http(upstream.port))) + after
        command = [*words, code, *(["/dev/null"] if name == "script" else [])]
        with Container(tmp_path, [*SIGROUTE, "--rules", "nginx", "--", *command]) as container:
            until(lambda: not quick(port) or not container.running(), "nginx serves")
            assert container.running(), container.log()
            load = Load(port, IN_FLIGHT).start()
            container.send(signal.SIGTERM)
            container.said("its program runs below it")
            load.finishes(upstream)
            assert container.wait() == 0


def test_apachectl_in_the_foreground_is_such_a_wrapper(tmp_path: Path) -> None:
    command = ("apachectl", "-DFOREGROUND", "-d", str(tmp_path))
    with serving(tmp_path, RULES, command=command) as (apache, container, upstream):
        load = Load(apache.port, IN_FLIGHT).start()
        container.send(signal.SIGWINCH)
        load.finishes(upstream)
        assert container.wait() == 0


SERVER = """
process.on("SIGUSR2", () => { console.log("drains"); process.exit(0) })
setInterval(() => {}, 1000); console.log("is up")
"""


def test_npm_start_is_one_too(tmp_path: Path) -> None:
    need(shutil.which("npm"), "npm")
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0", "scripts": {"start": "node server.js"}}')
    (tmp_path / "server.js").write_text(SERVER)
    rules = tmp_path / "rules.toml"
    rules.write_text('[child.web]\nprogram = "server.js"\n[child.web.on]\nstop = "USR2"\n')
    command = [*SIGROUTE, "--rules", str(rules), "--", "npm", "--prefix", str(tmp_path), "start"]
    with Container(tmp_path, command) as container:
        container.said("\nis up")
        container.send(signal.SIGTERM)
        container.said("drains")
        assert container.wait() == 0


def test_what_an_entrypoint_runs_first_is_no_server(tmp_path: Path) -> None:
    """``nginx -t`` that takes its time: it has no handler for QUIT, so the script gets TERM."""
    script = tmp_path / "entrypoint.sh"
    script.write_text("#!/bin/sh\n(exec -a nginx sleep 600)\nexec nginx\n".replace("/bin/sh", "/bin/bash"))
    script.chmod(0o755)
    with Container(tmp_path, [*SIGROUTE, "--rules", "nginx", "--", str(script)]) as container:
        until(lambda: container.processes("nginx"), "the helper runs")
        until(lambda: container.processes("600"), "it is the helper")
        container.send(signal.SIGTERM)
        assert container.wait() == 128 + signal.SIGTERM
        assert "arrives while it is still starting" in container.log()
        assert "warning: nginx: TERM" in container.log()


LOOP = (
    "import signal, time; signal.signal(signal.SIGQUIT, lambda *_: exit()); print('is up', flush=True); time.sleep(60)"
)


@pytest.mark.parametrize("stop", ["QUIT", "QUIT 100ms KILL"])
def test_a_wrapper_that_starts_its_program_again_ends_all_the_same(tmp_path: Path, stop: str) -> None:
    (tmp_path / "server.py").write_text(LOOP)
    rules = tmp_path / "rules.toml"
    rules.write_text(f'[child.server]\nprogram = "server.py"\n[child.server.on]\nstop = "{stop}"\n')
    loop = f"while :; do {sys.executable} {tmp_path}/server.py; done"
    with Container(tmp_path, [*SIGROUTE, "--rules", str(rules), "--", "sh", "-c", loop]) as container:
        container.said("is up")
        container.send(signal.SIGTERM)
        assert container.wait() == 128 + (signal.SIGKILL if "KILL" in stop else signal.SIGTERM)
        assert ("has started its program again" in container.log()) == ("KILL" not in stop)
