"""What processes are known by, those of real programs among them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from sigroute.pid1.engine.program_names import is_program
from sigroute.pid1.kernel import proc
from sigroute.pid1.kernel.process_names import called, names, script_of, unwrapped
from tests.real.require import need
from tests.real.traffic import until

if TYPE_CHECKING:
    from pathlib import Path


def read(pid: int) -> tuple[tuple[str, ...], str]:
    """Return what a process is known by, where /proc is ours."""
    known, comm = names(pid)
    assert known is not None
    return known, comm


@pytest.mark.parametrize(
    ("words", "script"),
    [
        ("/bin/sh /docker-entrypoint.sh nginx", "docker-entrypoint.sh"),
        ("-bash /a/b", "b"),
        ("python3.11 -I -m gunicorn app", "gunicorn"),
        ("python3 -m", ""),
        ("python3 -mhttp.server 80", "http.server"),
        ("python3 -uIm gunicorn app", "gunicorn"),
        ("python3 -Xm -Im gunicorn app", "gunicorn"),
        ("sh -c run", ""),
        ("sh -e /docker-entrypoint.sh nginx", "docker-entrypoint.sh"),
        ("bash -o pipefail -eu +x /a/b", "b"),
        ("bash -euo pipefail /a/b", "b"),
        ("bash +eO extglob -x /a/b", "b"),
        ("bash -euo pipefail -c run", ""),
        ("bash --rcfile /a/rc -m /a/b", "b"),
        ("sh -ec exec,/usr/sbin/nginx", ""),  # it is no nginx yet
        ("bash -ce exec,/usr/sbin/nginx", ""),
        ("python3 -X dev -W ignore -u /a/b.py", "b.py"),
        ("perl -I /lib -Imore -w /a/b.pl", "b.pl"),
        ("perl -ne print/b", ""),
        ("ruby -r /a/c /a/b.rb", "b.rb"),
        ("node --require ./a.js --enable-source-maps b.js", "b.js"),
        ("node --eval a/b", ""),
        ("php -d memory_limit=1G artisan queue:work", "artisan"),
        ("php -c /a/php.ini b.php", "b.php"),
        ("sh", ""),
        ("nginx conf", ""),
        ("", ""),
    ],
)
def test_an_interpreter_goes_by_its_script(words: str, script: str) -> None:
    assert script_of(words.split(" ")) == script


@pytest.mark.parametrize(
    ("line", "known"),
    [
        ("nginx: master process /usr/sbin/nginx -g daemon off;", "nginx"),
        ("gunicorn: master [app]", "gunicorn"),
        ("postgres: checkpointer \0\0", "postgres"),
        ("php-fpm: master process (/etc/php/php-fpm.conf)", "php-fpm"),
        ("npm start", "npm|npm start"),
        ("/usr/bin/redis-server 127.0.0.1:6379", "redis-server|redis-server 127.0.0.1:6379"),
        ("/usr/local/openresty/bin/openresty\0-g", "openresty"),
        ("/opt/My Shop/server\0-x", "server"),
        ("-bash", "bash"),
        ("-su\0-c", "su"),
        ("sh\0-c\0nginx: no title", "sh"),
        ("", ""),
    ],
)
def test_a_command_line_calls_its_program_by_argv_0_or_a_title(line: str, known: str) -> None:
    assert called(line.rstrip("\0").split("\0"), ["sleep"], b"sleep") == [each for each in known.split("|") if each]


@pytest.mark.parametrize(
    ("line", "executable", "comm", "known"),
    [
        ("my server", "my server", "my server", "my server"),
        ("./my server", "my server", "my server", "my server"),
        ("-my shell", "my shell", "my shell", "my shell"),
        ("/opt/App One/bin/server", "server", "server", "server"),
        ("/opt/App One/bin/server", "", "server", "server"),  # the link is closed to us
        ("/opt/App One/bin/server", "server-1.2", "server", "server"),  # what was started is a link
        ("/opt/App: One/bin/a server of a long name", "", "a server of a l", "a server of a long name"),
        ("my server", "", "my server", "my|my server"),  # as npm's title is, in comm, too
        ("npm start", "node", "npm start", "npm|npm start"),
        ("npm start", "", "npm start", "npm|npm start"),
        ("npm exec /usr/bin/node", "node", "npm exec /usr/b", "npm|node"),
        ("app: worker /usr/bin/node", "node", "app: worker /us", "app"),
        ("nginx: master process nginx", "nginx", "nginx", "nginx"),
        (
            "/usr/bin/redis-server 127.0.0.1:6379",
            "redis-server",
            "redis-server",
            "redis-server|redis-server 127.0.0.1:6379",
        ),
    ],
)
def test_an_executable_with_a_blank_in_its_path_is_no_title(line: str, executable: str, comm: str, known: str) -> None:
    assert called([line], [executable] if executable else [], comm.encode()) == known.split("|")


@pytest.mark.parametrize("path", ["my server", "App One/server", "App: One/server"])
def test_a_program_with_a_blank_in_its_path_is_known_by_its_name_alone(tmp_path: Path, path: str) -> None:
    server = tmp_path / path
    server.parent.mkdir(exist_ok=True)
    shutil.copy("/bin/cat", server)
    with subprocess.Popen([str(server)], stdin=subprocess.PIPE) as process:
        until(lambda: server.name in read(process.pid)[0], "it has become its program")
        known, _ = read(process.pid)
        process.kill()
    assert known == (server.name,)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        (".postgres-wrapped", ".postgres-wrapped postgres"),
        (".nginx-wrapped_", ".nginx-wrapped_ nginx"),
        ("..foo-wrapped-wrapped", "..foo-wrapped-wrapped .foo-wrapped foo"),
        ("postgres", "postgres"),
        ("shrink-wrapped", "shrink-wrapped"),
        (".hidden", ".hidden"),
    ],
)
def test_a_wrappers_dot_and_suffix_are_left_out(name: str, known: str) -> None:
    assert unwrapped(name) == known.split(" ")


@pytest.mark.parametrize(
    ("known", "comm", "programs", "same"),
    [
        ("start-webserver", "start-webserver", "start-webserver-main", False),  # 15 bytes, and whole
        ("sh", "start-webserver", "start-webserver-main", True),  # it may be that
        ("start-webserver", "", "start-webserver-main", False),
        ("start-webserver-main", "start-webserver", "start-webserver", False),  # comm is cut of that
        ("start-webserver-main", "start-webserver", "start-webserver-main", True),
        ("ああああああ", "あああああ", "あああああ", False),
        ("", "a-rather-long-n", "a-rather-long-name", True),
        ("", "a-rather-long", "a-rather-long-name", False),
        ("", "ein-schöner-nam", "ein-schöner-name", False),  # 16 bytes: comm never has so many
        ("", "ein-schöner-na", "ein-schöner-name", True),  # 15 bytes
        ("", "a-rather-long-n", "a-rather-long-nam*", True),
        ("nginx-debug", "", "nginx", False),
        ("postgres-17", "", "postgres*", True),
        ("nginx", "", "apache2 nginx", True),
        ("", "", "nginx", False),
        ("", "", "*", True),
    ],
)
def test_how_names_are_compared(known: str, comm: str, programs: str, *, same: bool) -> None:
    assert is_program(tuple(known.split()), comm, tuple(programs.split())) == same


def test_a_wrapped_executable_and_a_title_are_read(tmp_path: Path) -> None:
    wrapped = tmp_path / ".postgres-wrapped"
    shutil.copy("/bin/sleep", wrapped)
    with subprocess.Popen(["gunicorn: master [app]", "600"], executable=str(wrapped)) as process:
        until(lambda: "gunicorn" in read(process.pid)[0], "it has become its program")
        known, comm = read(process.pid)
        process.kill()
    assert known == (".postgres-wrapped", "postgres", "gunicorn")
    assert is_program(known, comm, ("postgres",))


def test_a_script_is_known_by_its_name_and_by_no_longer_one(tmp_path: Path) -> None:
    script = tmp_path / "start-webserver"
    script.write_text("#!/bin/sh\necho\nread x\n")
    script.chmod(0o755)
    with subprocess.Popen([str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        known, comm = read(process.pid)
        process.kill()
    assert comm == "start-webserver"
    assert is_program(known, comm, ("start-webserver",))
    assert not is_program(known, comm, ("start-webserver-main",))


def test_npm_is_npm_although_it_is_node(tmp_path: Path) -> None:
    need(shutil.which("npm"), "npm")
    (tmp_path / "package.json").write_text('{"name": "x", "version": "1.0.0", "scripts": {"start": "sleep 600"}}')
    with subprocess.Popen(["npm", "start"], cwd=tmp_path, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            until(lambda: is_program(*read(process.pid), ("npm",)), "it is npm")
        finally:
            os.killpg(process.pid, 9)


def test_the_executable_of_another_users_process_may_be_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    def readlink(path: str) -> str:
        if path.endswith("exe"):
            raise PermissionError
        return str(os.getpid())

    monkeypatch.setattr("posix.readlink", readlink)
    monkeypatch.setattr(proc, "read", lambda path: None if "comm" in path else b"/usr/sbin/nginx\0-g\0")
    assert names(1) == (("nginx",), "")
    monkeypatch.setattr(proc, "read", lambda _path: None)
    assert names(1) == ((), "")


def test_this_interpreter_is_known_by_what_it_runs() -> None:
    code = "print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-ISc", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        known, _ = read(process.pid)
        process.kill()
    assert os.path.basename(os.path.realpath(sys.executable)) in known  # noqa: PTH119 - a name
