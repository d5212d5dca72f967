"""The demo from its first line to its last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.arguments import answer
from sigroute.demo import picture, story
from sigroute.demo.act import ACTS, PROGRAMS
from sigroute.demo.side_by_side import run

if TYPE_CHECKING:
    from sigroute.demo.scene import Scene
    from sigroute.demo.way import Way


def show(way: Way) -> None:
    """Run the demo; print its subject first, and afterwards what has happened."""
    answer(picture.intro(way.reason))
    who = picture.who(way.reason)
    stops = [
        (act, story.tell("a forwarder", who, evidence(left)), story.tell("sigroute", who, evidence(right)))
        for act, (left, right) in zip(ACTS, run(way), strict=True)
    ]
    for number, each in enumerate(stops, 1):
        answer(picture.stop(number, *each))
    answer(picture.outcome(stops, str(PROGRAMS)))


def evidence(scene: Scene) -> story.Evidence:
    """Return what was recorded of one side."""
    return story.Evidence(
        place=scene.place.told,
        programs=scene.told.told,
        log=scene.init.told,
        requests=scene.ends(),
        stopped=scene.stopped,
        stopped_on_wall=scene.stopped_on_wall,
    )
