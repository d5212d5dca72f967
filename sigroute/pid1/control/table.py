"""The answer of ``sigroute status`` for people: a line for the whole, and one for each child."""

from __future__ import annotations

from sigroute.pid1.log.printable import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

TITLES = ("CHILD", "PHASE", "READY", "PID", "SINCE", "LIVES", "LAST EXIT", "WAITS")


def table(found: Mapping[str, Any]) -> str:
    """Return what ``status`` has found, in lines."""
    rows = [TITLES, *[row(child) for child in found["children"]]]
    widths = [max([len(each[column]) for each in rows]) for column in range(len(TITLES))]
    lines = [about(found), ""]
    lines += [
        "  ".join([each.ljust(width) for each, width in zip(line, widths, strict=True)]).rstrip() for line in rows
    ]
    lines += ["", *[zombies(each) for each in found["zombies"]]] if found["zombies"] else []
    return "\n".join([printable(line) for line in lines]) + "\n"


def about(found: Mapping[str, Any]) -> str:
    """Return the line about the whole."""
    since = short(found["since"]) or "an unknown time"
    text = f"sigroute (pid {found['pid']}) since {since}: {found['state']}"
    stop = found["stop"]
    if stop is None:
        return text
    why = f"{stop['signal']} asked for it" if stop["asked"] else "nobody asked for it"
    left = stop["grace_left_ms"]
    return f"{text}, {why}" + ("" if left is None else f", grace is over in {seconds(left)}")


def row(child: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cells of a child."""
    waits = [words(each) for each in child["waits"]]
    if child["asked"] and child["phase"] != "down":
        waits.append(f"somebody has asked to {child['asked']} it")
    waits += ["to be continued (it is suspended)"] if child["suspended"] else []
    waits += [f"to be well again ({child['unwell']} checks failed)"] if child["unwell"] else []
    return (
        child["name"],
        child["phase"],
        "yes" if child["ready"] else "no",
        cell(child["pid"]),
        cell(short(child["since"])),
        cell(child["lives"]),
        cell(child["status"]),
        "; ".join(waits) or "-",
    )


def cell(value: str | int | None) -> str:
    """Return what is in a cell; ``-`` if there is nothing."""
    return "-" if value is None else str(value)


def short(stamp: str | None) -> str | None:
    """Return a time of day to the second."""
    return stamp and f"{stamp.partition('.')[0]}Z"


def words(wait: Mapping[str, Any]) -> str:
    """Return one thing that a child waits for, in words."""
    signal, ms = wait.get("signal"), wait.get("ms")
    when = "" if ms is None else f" in {seconds(ms)}"
    most = "" if ms is None else f", {seconds(ms)} at most"
    who = ", ".join(wait.get("children", ()))
    return {
        "needs": f"for {who}",
        "end": "for the end",
        "start": f"to be started again{when}",
        "program": f"to become {who}",
        "tree": f"for its tree: processes left: {wait.get('processes')}",
        "ready": f"to be ready{most}",
        "hold": f"with {signal}, which is held{most}",
        "after": f"with {signal}, for {who}",
        "run": f"with {signal}, for its command{most}",
        "idle": f"with {signal}, for its connections{most}",
        "step": f"{signal}{when}",
        "exit": f"to exit after {signal}",
    }[str(wait["for"])]


def zombies(each: Mapping[str, Any]) -> str:
    """Return the line about a process that does not reap its children."""
    whose = "" if each["child"] is None else f" of {each['child']}"
    return f"pid {each['parent']} ({each['name']}{whose}) does not reap its children: zombies: {each['zombies']}"


def seconds(ms: int) -> str:
    """Return a time in words."""
    return f"{ms / 1000:.1f} s"
