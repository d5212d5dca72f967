"""When it is looked at whether something listens."""

from __future__ import annotations

from sigroute.pid1.engine import effects as fx
from tests.pid1.scene import Scene

CHILD = '[child.{0}]\ncommand = ["{0}"]\nready = {{ listen = "127.0.0.1:{1}" }}\n'


def test_children_that_wait_are_looked_at_in_the_same_moments() -> None:
    """Whenever each was started: so one read of the kernel's tables serves all of them."""
    scene = Scene(CHILD.format("a", 1) + "restart = 'always'\n" + CHILD.format("b", 2) + "[exit]\nwhen = 'b'\n")
    scene.exit("a", at=1_337)  # and comes back at once
    scene.until(12_000)
    looks = {index: [t for t, e in scene.done if isinstance(e, fx.Probe) and e.child == index] for index in (0, 1)}
    assert {each for each in looks[0] if 1_500 < each < 9_900} == {each for each in looks[1] if 1_500 < each < 9_900}
    assert looks[1][:3] == [0, 100, 200]
    assert looks[1][-2:] == [11_000, 12_000]
