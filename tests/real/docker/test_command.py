"""What is written behind the image's name runs instead of the server."""

from __future__ import annotations

import pytest

from .client import docker


@pytest.mark.parametrize("image", ["nginx", "postgres"])
@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["bash", "-c", "exit 3"], 3),
        (["bash", "-c", "kill -9 $$"], 137),
        (["true"], 0),
        (["no-such-program"], 127),
        (["/etc/passwd"], 126),
    ],
)
def test_exit_codes(request: pytest.FixtureRequest, image: str, command: list[str], code: int) -> None:
    tag = request.getfixturevalue(image)
    assert docker("run", "--rm", "--network=none", tag, *command, check=False).returncode == code
