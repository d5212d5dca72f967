"""Lines of a log, written shortly: ``0 started web``, ``5000 sent web signal=TERM``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.timeline import timeline_of

if TYPE_CHECKING:
    from sigroute.timeline import Line, Timeline

#: What a line has that does not matter here.
USUAL: dict[str, str | int] = {
    "pid": 7,
    "uid": 0,
    "status": 0,
    "origin": "x",
    "sender": "outside",
    "signal": "TERM",
    "text": "",
    "number": 1,
}


def lines(text: str) -> list[Line]:
    made: list[Line] = []
    for each in text.strip().splitlines():
        at, name, *rest = each.split()
        fields: dict[str, str | int] = {**USUAL, "wait": 0, "command": "cmd"}
        for word in rest:
            key, equals, value = word.partition("=")
            if not equals:
                fields["child"] = key
            else:
                fields[key] = int(value) if value.isdigit() else value.replace(",", ", ")
        made.append((int(at), name, fields))
    return made


def timeline(text: str) -> Timeline:
    return timeline_of(lines(text))


#: Two children, one after the other, and the drain.
WEB = """
0 needs web text=db
0 started db
2000 is-ready db
2000 started web
9000 signal
9000 stop
9000 waits-for db text=web
9000 waits web signal=QUIT wait=5000
14000 sent web signal=QUIT
14000 waits web signal=KILL wait=10000
24000 sent web signal=KILL
24000 killed web signal=KILL status=137
24000 sent db
25000 exited db
25000 drain number=2 wait=5000
30000 drain-kill
30000 exit status=3
"""
