"""The demo from its first line to its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.arguments import answer
from sigroute.demo import picture, story
from sigroute.demo.run import ORPHANS, REQUESTS, RULES, run

if TYPE_CHECKING:
    from sigroute.demo.scene import Scene
    from sigroute.demo.way import Way


def show(way: Way) -> None:
    """Run it this way, telling before what is to be seen and afterwards what was."""
    answer(picture.intro(way.reason, REQUESTS, ORPHANS, RULES.read_text(encoding="utf-8")) + "\n")
    left, right = run(way)
    who = picture.who(way.reason)
    sides = (story.tell("a forwarder", who, evidence(left)), story.tell("sigroute", who, evidence(right)))
    answer(picture.outcome(*sides))


def evidence(scene: Scene) -> story.Evidence:
    """Return what was seen of one side."""
    return story.Evidence(
        place=scene.place.told,
        server=scene.server.told,
        log=scene.init.told,
        requests=scene.ends(),
        zombies=scene.zombies.left,
        stopped=scene.stopped,
        stopped_on_wall=scene.stopped_on_wall,
    )
