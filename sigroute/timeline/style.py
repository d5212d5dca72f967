"""The colours of a picture. They are told apart in grey, too: by how dark they are, and by the lines around them."""

from __future__ import annotations

STYLE = """
.sigroute { --ink: #1b1f24; --paper: #ffffff; --grid: #d8dee4; --wait: #c8d1da; --up: #7fb98f; --begin: #b5dcc0;
  --hold: #e3c27a; --stop: #d9793d; --tree: #b86bb0; --line: #0b57c4; --limit: #b42318;
  font: 13px system-ui, sans-serif; }
@media (prefers-color-scheme: dark) {
  .sigroute { --ink: #e6edf3; --paper: #0d1117; --grid: #30363d; --wait: #48525d; --up: #35784a; --begin: #23513a;
    --hold: #8a6a1f; --stop: #c4652b; --tree: #8a4c84; --line: #79b8ff; --limit: #ff7b72; }
}
.sigroute .paper { fill: var(--paper); }
.sigroute text { fill: var(--ink); }
.sigroute .tick, .sigroute .arrival text, .sigroute .limit text { text-anchor: middle; font-size: 12px; }
.sigroute .grid { stroke: var(--grid); }
.sigroute .arrival line { stroke: var(--line); stroke-dasharray: 2 3; }
.sigroute .arrival text { fill: var(--line); font-weight: 600; }
.sigroute .limit line { stroke: var(--limit); stroke-width: 2; }
.sigroute .limit text { fill: var(--limit); }
.sigroute .cut rect { fill: var(--grid); opacity: 0.35; }
.sigroute .bar:focus { outline: none; stroke: var(--line); stroke-width: 4; stroke-dasharray: none; }
.sigroute .sent { fill: var(--ink); }
.sigroute .signal { font-size: 10.5px; }
.sigroute .left { text-anchor: end; }
.sigroute .waits, .sigroute .after, .sigroute .back-off { fill: var(--wait); }
.sigroute .after, .sigroute .back-off { stroke: var(--ink); stroke-dasharray: 1 3; }
.sigroute .starts { fill: var(--begin); }
.sigroute .runs { fill: var(--up); }
.sigroute .held, .sigroute .delay, .sigroute .command { fill: var(--hold); }
.sigroute .command { stroke: var(--ink); stroke-dasharray: 4 2; }
.sigroute .held { stroke: var(--ink); stroke-dasharray: 1 2; }
.sigroute .stops { fill: var(--stop); }
.sigroute .tree { fill: var(--tree); }
.sigroute .critical { stroke: var(--ink); stroke-width: 2.5; stroke-dasharray: none; }
.sigroute .none { fill: none; }
"""
