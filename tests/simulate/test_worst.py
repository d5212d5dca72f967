"""The longest start and stop: what the engine does agrees with what check reckons."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sigroute.language import load, longest_stop
from sigroute.pid1.engine.routing import POLL
from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.entry.values import VariablesError
from sigroute.simulate.model import changed
from sigroute.simulate.rules import whole
from sigroute.simulate.worst import unlimited, worst
from tests.simulate.scenes import plan_of

if TYPE_CHECKING:
    from sigroute.pid1.plan import Plan

ROOT = Path(__file__).parents[2]
FILES = [
    path
    for folder in ("rules", "tests/data/setups", "tests/data/valid", "tests/data/warnings")
    for path in sorted((ROOT / folder).glob("*.toml"))
]

#: Files whose longest stop is not what check reckons, with the reason.
OTHERWISE = {
    "cron": "what an only child with a tree leaves belongs to that tree, so there is nothing to drain",
    "docker-mailserver": "only-if leaves some children out",
    "selenium-node": "only-if leaves some children out",
    "pi-hole": "a task of the end without a time-out lasts until grace is over",
    "end-task-endless": "a task of the end without a time-out never ends",
    "every-stop-dropped": "no signal begins a stop",
    "resize-stops": "one child drops what stops the other",
    "django-celery": "a task at the start holds its stop",
    "pretix": "a task at the start holds its stop",
    "variables": "its variables have no values that fit all",
    "osrd-dev": "its variables have no values that fit all",
    "paperless-ngx": "its variables have no values that fit all",
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_longest_stop_is_that_of_check(path: Path) -> None:
    resolved = load(str(path))
    plan = whole(resolved)
    environ: dict[bytes, bytes] = {}
    while True:
        try:
            plan = expanded(plan, environ)
            break
        except VariablesError as error:
            unset = re.search(r": (\w+) is not set", str(error))
            if unset is None:
                assert path.stem in OTHERWISE
                return
            environ[unset[1].encode()] = b"1"
    stop = worst(plan, environ, lambda model, _: model).stop
    reckoned = longest_stop(resolved).milliseconds
    if resolved.rules.grace is not None:
        reckoned = min(reckoned, resolved.rules.grace)
    took = None if stop.code is None or stop.stop is None else stop.end - stop.stop
    # A held child is found to be its program at the next look.
    agrees = took is not None and reckoned - 2 * POLL <= took <= reckoned
    assert agrees == (path.stem not in OTHERWISE), (took, reckoned)


CHAIN = """
[child.front]
command = ["front"]
needs = "app"
[child.front.on]
stop = "5s TERM"
[child.app]
command = ["app"]
needs = ["db", "migrate"]
ready = { notify = true, within = "20s" }
[child.db]
command = ["db"]
ready = "3s"
[task.migrate]
command = ["migrate"]
timeout = "10s"
"""


def test_the_longest_start(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, CHAIN)
    start = worst(plan, {}, lambda model, _: model).start
    assert [link.lane for link in start.start_path] == ["migrate", "app"]
    assert 29_900 <= start.start_path[-1].span.end < 30_000
    assert list(unlimited(plan)) == []
    loose = plan_of(tmp_path, CHAIN.replace(', within = "20s"', "").replace('timeout = "10s"', ""))
    assert list(unlimited(loose)) == ["app may become ready at any time (no within)", "migrate has no timeout"]


def test_what_is_known_of_a_child_counts(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, '[child.web]\ncommand = ["web"]\n[child.web.on]\nstop = "TERM 1h KILL"\n')
    found = worst(plan, {}, lambda model, _: changed(model, "exits:3s")).stop
    assert found.end - (found.stop or 0) == 8_000


def took(plan: Plan) -> int | None:
    stop = worst(plan, {}, lambda model, _: model).stop
    return None if stop.code is None else stop.end - (stop.stop or 0)


@pytest.mark.parametrize(
    ("rules", "milliseconds"),
    [
        ('stop = "5s TERM"\nINT = "60s QUIT"', 65_000),
        ('"INT@tty" = "20s QUIT"', 25_000),
        ('stop = { run = ["x"], timeout = "20s", send = "3s TERM", else = "9s TERM" }', 34_000),
        ('stop = { run = ["x"], timeout = "20s", send = "9s TERM", else = "3s TERM" }', 33_999),
        ('stop = "2s idle 30s QUIT"', 37_000),
    ],
)
def test_every_signal_and_every_wait_counts(tmp_path: Path, rules: str, milliseconds: int) -> None:
    head = '[child.web]\ncommand = ["web"]\nready = { listen = "127.0.0.1:80" }\n[child.web.on]\n'
    assert took(plan_of(tmp_path, head + rules)) == milliseconds


def test_a_search_that_takes_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(tmp_path, '[child.web]\ncommand = ["web"]\n[child.web.on]\nINT = "60s QUIT"\n')
    assert worst(plan, {}, lambda model, _: model).whole
    monkeypatch.setattr("sigroute.simulate.worst.PATIENCE", -1)
    assert not worst(plan, {}, lambda model, _: model).whole
