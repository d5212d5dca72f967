"""The page in a real browser: it needs no network, it obeys the keyboard, and it is light or dark as the reader is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.timeline.page import page
from tests.real.require import need
from tests.timeline.lines import WEB, timeline

if TYPE_CHECKING:
    from pathlib import Path

#: What a reader does and finds: a script at the end of the page, which leaves what it has found as the page's text.
#: The keys go to whoever has the focus, as the browser's own do.
READER = """{
const press = key => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
const told = () => document.getElementById('told').textContent;
const found = {focused: document.hasFocus(), keys: [], wide: document.documentElement.scrollWidth <= innerWidth};
document.querySelector('.bar').focus();
found.keys.push(told());
for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowUp', 'Tab']) {
  press(key);
  found.keys.push(told());
}
const style = element => getComputedStyle(document.querySelector(element));
found.paper = style('.paper').fill;
found.ink = style('svg .name').fill;
found.page = getComputedStyle(document.documentElement).colorScheme;
found.critical = style('.critical').strokeWidth;
found.ordinary = style('.bar.runs').strokeWidth;
found.loaded = performance.getEntriesByType('resource').length;
found.tabs = [...document.querySelectorAll('[tabindex="0"]')].length;
document.body.textContent = JSON.stringify(found);
}"""


#: How often to open it: on a busy machine the window may have no focus yet when the script runs.
TRIES = 10


@pytest.fixture(scope="module")
def browser() -> str:
    found = shutil.which("chromium")
    need(found, "chromium")
    return str(found)


def seen(browser: str, folder: Path, *options: str) -> dict[str, Any]:
    """Open the page, and return what the reader finds once the window has the focus, which the browser gives it."""
    for _ in range(TRIES):
        found = opened(browser, folder, *options)
        if found["focused"]:
            return found
    pytest.fail("the browser's window never has the focus")


def opened(browser: str, folder: Path, *options: str) -> dict[str, Any]:
    """Open the page, and return what the reader finds."""
    path = folder / "page.html"
    path.write_text("\n".join(page(timeline(WEB), "a title")).replace("</body>", f"<script>{READER}</script></body>"))
    command = [
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        f"--user-data-dir={folder}/home", *options, "--dump-dom", path.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    body = re.search(r"<body>(\{.*\})\s*</body>", done.stdout)
    assert body, done.stdout[-1_000:] + done.stderr[-1_000:]
    found: dict[str, Any] = json.loads(body[1].replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&"))
    return found


def test_the_keyboard(browser: str, tmp_path: Path) -> None:
    found = seen(browser, tmp_path)
    assert [each.partition(":")[0] for each in found["keys"]] == [
        "web waits to be started (db)",
        "web runs",
        "db runs",
        "db starts",
        "web waits to be started (db)",
        "web waits to be started (db)",
        "web waits to be started (db)",
    ]
    assert found["tabs"] == 1
    assert found["loaded"] == 0
    assert found["wide"]


def test_light_and_dark(browser: str, tmp_path: Path) -> None:
    light = seen(browser, tmp_path)
    dark = seen(browser, tmp_path, "--blink-settings=preferredColorScheme=0")
    assert brightness(light["paper"]) > brightness(light["ink"])
    assert brightness(dark["paper"]) < brightness(dark["ink"])
    assert light["page"] == dark["page"] == "light dark"


def test_the_critical_path_is_bold(browser: str, tmp_path: Path) -> None:
    found = seen(browser, tmp_path)
    assert float(found["critical"].removesuffix("px")) > float(found["ordinary"].removesuffix("px"))


def test_it_fits_a_telephone(browser: str, tmp_path: Path) -> None:
    assert seen(browser, tmp_path, "--window-size=500,900")["wide"]


def brightness(colour: str) -> int:
    return sum(map(int, re.findall(r"\d+", colour)[:3]))
