"""A timeline as a page of HTML: the picture, and all that happens as a table. It needs no network."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.timeline.svg import escape, svg
from sigroute.timeline.text import seconds
from sigroute.timeline.words import moments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sigroute.timeline.model import Timeline

#: Nothing is loaded, and only what is written here is run and obeyed.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"

STYLE = """
:root { color-scheme: light dark; background: #ffffff; color: #1b1f24; }
@media (prefers-color-scheme: dark) { :root { background: #0d1117; color: #e6edf3; } }
body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 1rem auto; padding: 0 1rem; }
svg { max-width: 100%; height: auto; }
#told { min-height: 1.5em; font-weight: 600; }
table { border-collapse: collapse; }
caption { text-align: left; font-weight: 600; padding: .5em 0; }
th, td { text-align: left; vertical-align: top; padding: .15em 1em .15em 0; font-weight: normal; }
td:first-child, th:first-child { text-align: right; font-variant-numeric: tabular-nums; }
"""

#: The arrow keys go from bar to bar. Which one has the focus, or is under the pointer, is told below the picture.
SCRIPT = """
const lanes = [...document.querySelectorAll('svg [role=list]')].map(lane => [...lane.querySelectorAll('.bar')]);
const told = document.getElementById('told');
const tell = bar => { told.textContent = bar.querySelector('title').textContent; };
const steps = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
lanes.forEach((bars, row) => bars.forEach((bar, column) => {
  bar.tabIndex = row || column ? -1 : 0;
  bar.addEventListener('focus', () => tell(bar));
  bar.addEventListener('pointerenter', () => tell(bar));
  bar.addEventListener('keydown', event => {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const next = lanes[row + step[0]];
    if (!next) return;
    const place = step[0] ? Math.min(column, next.length - 1) : column + step[1];
    if (!next[place]) return;
    bar.tabIndex = -1;
    next[place].tabIndex = 0;
    next[place].focus();
  });
}));
"""


def page(timeline: Timeline, title: str, grace: int | None = None) -> Iterator[str]:
    """Yield the lines of the page.

    :param title: its name.
    :param grace: the milliseconds after which the platform kills; None: that is not known.
    """
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>"
    yield from svg(timeline, title, grace)
    yield "<p>Tab goes to the bars, the arrow keys go from one to the next.</p>"
    yield '<p id="told" role="status" aria-live="polite"></p>'
    yield "<table>\n<caption>What happens</caption>"
    yield '<thead><tr><th scope="col">second</th><th scope="col">event</th></tr></thead>\n<tbody>'
    for at, texts in moments(timeline):
        cells = "<br>".join(map(escape, texts))
        yield f'<tr><th scope="row">{seconds(at)}</th><td>{cells}</td></tr>'
    yield f"</tbody>\n</table>\n</main>\n<script>{SCRIPT}</script>\n</body>\n</html>"
