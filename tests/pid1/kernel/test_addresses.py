"""Which texts are addresses; what Python itself makes of them is the judge."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest

from sigroute.pid1.kernel.addresses import is_address

HOSTS = [
    "127.0.0.1", "0.0.0.0", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.x", "", "host",
    "[::]", "[::1]", "[1::]", "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7]", "[1:2:3:4:5:6:7:8:9]", "[1:2:3:4:5:6:7::]",
    "[1:2:3:4:5:6:7:8::]", "[1::2::3]", "[:1]", "[1:]", "[:::]", "[fFfF::12345]", "[::g]", "[::ffff:1.2.3.4]",
    "[1:2:3:4:5:6:1.2.3.4]", "[1:2:3:4:5:6:7:1.2.3.4]", "[1.2.3.4::]", "[::1.2.3.4:1]", "[]", "[", "[1.2.3.4]", "::1",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_hosts(host: str) -> None:
    try:
        right = bool(IPv6Address(host[1:-1]) if host[:1] == "[" and host[-1:] == "]" else IPv4Address(host))
    except ValueError:
        right = False
    assert is_address(f"{host}:80".encode()) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("/run/a:0", 1), ("run/a", 0), ("", 0), ("1.2.3.4", 0), ("1.2.3.4:", 0), ("1.2.3.4:0", 0),
        ("1.2.3.4:65535", 1), ("1.2.3.4:65536", 0), ("1.2.3.4:000080", 0), ("1.2.3.4:+80", 0),
    ],
)  # fmt: skip
def test_ports_and_paths(text: str, right: int) -> None:
    assert is_address(text.encode()) == right
