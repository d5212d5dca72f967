"""Watches: what changes on a real file system, and a real nginx that no broken configuration reaches.

``SIGROUTE_SWAPS=50`` swaps the configuration so many times.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.real import nginx
from tests.real.container import SIGROUTE, Container, opened
from tests.real.programs import is_ready, names, recorder
from tests.real.require import need
from tests.real.traffic import Steady, Upstream, free_port, quick, until
from tests.real.volume import Volume

if TYPE_CHECKING:
    from pathlib import Path

SWAPS = int(os.environ.get("SIGROUTE_SWAPS", "2"))

#: Seconds, longer than what must be quiet.
QUIET = 1.5

RULES = """
[child.{name}]
command = {command}
watch   = {{ {watched} = "HUP" }}
"""


def rules_of(folder: Path, watched: dict[str, Path]) -> list[str]:
    """Return the command of sigroute with a recorder for each of these paths."""
    text = "".join(
        RULES.format(name=name, command=json.dumps(recorder(folder / name)), watched=json.dumps(str(path)))
        for name, path in watched.items()
    )
    (folder / "rules.toml").write_text(text)
    return [*SIGROUTE, "--rules", str(folder / "rules.toml"), "--log-level", "debug"]


@pytest.mark.usefixtures("form")
def test_each_change_arrives_once(tmp_path: Path) -> None:
    volume = Volume(tmp_path / "volume", "conf", "1")
    later = tmp_path / "not" / "yet" / "there"
    watched = {"directory": volume.root, "file": volume.path, "later": later}

    def have(**numbers: int) -> bool:
        return all(names(tmp_path / name) == ["HUP"] * number for name, number in numbers.items())

    with Container(tmp_path, rules_of(tmp_path, watched)) as container:
        until(lambda: is_ready(tmp_path / name for name in watched) or not container.running(), "all are ready")
        until(lambda: opened(container.pid).count(str(volume.root)) == 2, "both are watched")
        volume.swap("2")
        until(lambda: have(directory=1, file=1, later=0), "a swap arrives")
        for number in range(5):  # a burst
            volume.swap(f"burst {number}")
            time.sleep(0.1)
        until(lambda: have(directory=2, file=2), "the burst arrives")
        (tmp_path / "beside").touch()  # where nobody looks for files
        volume.root.rename(tmp_path / "old")
        Volume(volume.root, "conf", "3")
        until(lambda: have(directory=3, file=3, later=0), "another directory in its place arrives")
        later.parent.mkdir(parents=True)
        later.write_text("now")
        until(lambda: have(later=1), "what is made later arrives")
        volume.path.unlink()
        volume.path.write_text("4")
        until(lambda: have(directory=4, file=4), "a change in the new directory arrives")
        time.sleep(QUIET)
        assert have(directory=4, file=4, later=1), container.log()
        container.send(signal.SIGTERM)
        assert container.wait() == 0


def tells(path: Path, text: str, number: int) -> bool:
    """Tell whether a file has this text so many times."""
    return path.read_text().count(text) == number


NGINX = """
[child.nginx]
command = {command}
like    = "nginx"
watch   = {{ {watched} = "HUP" }}

[child.nginx.on]
HUP = {{ run = {test}, send = "HUP" }}
"""


@pytest.mark.usefixtures("form")
def test_a_broken_configuration_never_reaches_nginx(tmp_path: Path) -> None:
    """Every second version is broken. A good one is served, and no request fails meanwhile."""
    need(shutil.which("nginx"), "nginx")
    with Upstream() as upstream:
        port = free_port()
        command = nginx.command(tmp_path, port, nginx.before_http(upstream.port))
        good = (tmp_path / "nginx.conf").read_text()
        volume = Volume(tmp_path / "conf", "nginx.conf", good)
        command[command.index("-c") + 1] = str(volume.path)
        rules = tmp_path / "rules.toml"
        test = json.dumps([*command[:-2], "-t"])
        rules.write_text(NGINX.format(command=json.dumps(command), watched=json.dumps(str(volume.root)), test=test))
        with Container(tmp_path, [*SIGROUTE, "--rules", str(rules)]) as container:
            until(lambda: not quick(port) or not container.running(), "nginx serves")
            until(lambda: str(volume.root) in opened(container.pid), "it is watched")
            reloads = tmp_path / "error.log"
            with Steady(port) as steady:
                for number in range(SWAPS // 2):
                    volume.swap("this is no configuration;")
                    until(partial(tells, container.output, "the command for HUP failed", number + 1), "it is refused")
                    volume.swap(f"{good}\n# {number}")
                    until(partial(tells, reloads, "(SIGHUP) received", number + 1), "a good one is taken")
            assert reloads.read_text().count("(SIGHUP) received") == SWAPS // 2
            assert not steady.failures
            container.send(signal.SIGQUIT)
            assert container.wait() == 0
