from __future__ import annotations

import pytest

from sigroute.language.schema.plain_text import plain_text


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ('`"5s"`, or [a table](#ready).', '"5s", or a table.'),
        ("the child is *starting*.", "the child is starting."),
        ('`"*"` and `"POD_*"`, and `[]`', '"*" and "POD_*", and []'),
        ("`[child.NAME.starting]`(7)", "[child.NAME.starting](7)"),
        ("sd_notify(3), 2 * 3", "sd_notify(3), 2 * 3"),
    ],
)
def test_what_is_left(text: str, plain: str) -> None:
    assert plain_text(text) == plain
