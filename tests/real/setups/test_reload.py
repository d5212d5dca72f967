"""The set-up that reloads on a change: a good configuration reaches the server, a broken one does not."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.real.container import SIGROUTE
from tests.real.require import need
from tests.real.traffic import until

from .box import RULES, SENT, Box
from .world import NGINX


def test_a_change_reaches_nginx_once_it_is_good(tmp_path: Path) -> None:
    need(shutil.which("nginx"), "nginx")
    init = [*SIGROUTE, "--rules", str(RULES / "reload-on-change.toml"), "--log", "json", "--log-level", "debug"]
    with Box("reload-on-change", tmp_path, init, None) as here:
        root = Path(f"/proc/{here.pid}/root")
        here.settle()
        pid, file = str(here.lives()["nginx"]), root / "run" / "nginx.pid"
        until(lambda: file.exists() and file.read_text().strip() == pid, "nginx has read its configuration")
        (name,) = NGINX
        configuration = root / name[1:]
        good = configuration.read_text()
        moments: list[float] = []

        def is_tested() -> bool:
            """Break it, again and again: what changes before sigroute's first look is no change."""
            if not moments or time.monotonic() > moments[-1] + 5:
                moments.append(time.monotonic())
                configuration.write_text(f"what? {len(moments)}")
            return bool(here.events("run-failed"))

        until(is_tested, "it was tested")
        assert not here.events(*SENT)
        configuration.write_text(good + "# once more\n")
        until(lambda: here.events(*SENT), "it was sent")
        assert [each["signal"] for each in here.events(*SENT)] == ["HUP"]
