"""Which connections are busy: real ones, each with a listener of its own, all looked at after more than a second."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from sigroute.pid1.engine.effects import Probe
from sigroute.pid1.kernel import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOST, OTHER = "127.0.0.1", "127.0.0.2"

#: More than is sent at once.
LARGE = bytes(8 << 20)


class Place:
    """A listener, and one connection to it."""

    def __init__(self, host: str = HOST, port: int = 0, family: int = socket.AF_INET) -> None:
        self.listener = socket.socket(family, socket.SOCK_STREAM)
        if family == socket.AF_INET6:
            self.listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self.listener.bind((host, port))
        self.listener.listen()
        self.port = self.listener.getsockname()[1]
        self.client: Any = None
        self.server: Any = None

    def connect(self, host: str = HOST) -> Place:
        self.client = socket.create_connection((host, self.port))
        self.server, _ = self.listener.accept()
        return self

    def ask(self) -> None:
        self.client.sendall(b"request")
        self.server.recv(100)

    def answer(self) -> None:
        self.server.sendall(b"answer")
        self.client.recv(100)

    def send_much(self) -> None:
        self.server.settimeout(0)
        self.server.send(LARGE)

    def close(self) -> None:
        for each in (self.client, self.server, self.listener):
            if each is not None:
                each.close()


def nobody(_place: Place) -> None:
    """Nobody is connected."""


def fresh(place: Place) -> None:
    place.connect()


def answered(place: Place) -> None:
    """As an idle connection that a load balancer keeps open."""
    place.connect()
    for _ in range(3):
        place.ask()
        place.answer()


def slow_request(place: Place) -> None:
    place.connect()
    place.ask()


def slow_second_request(place: Place) -> None:
    place.connect()
    place.ask()
    place.answer()
    time.sleep(0.05)  # several ticks of the kernel's clock
    place.ask()


def slow_download(place: Place) -> None:
    place.connect()
    place.ask()
    place.send_much()


def slow_download_of_a_closed_connection(place: Place) -> None:
    slow_download(place)
    place.server.close()


def closed(place: Place) -> None:
    """By the program alone."""
    answered(place)
    place.server.close()


def left(place: Place) -> None:
    """By the client alone."""
    answered(place)
    place.client.close()


def slow_request_of_a_client_that_says_no_more(place: Place) -> None:
    slow_request(place)
    place.client.shutdown(socket.SHUT_WR)


def waiting_to_be_accepted(place: Place) -> None:
    place.client = socket.create_connection((HOST, place.port))
    place.client.sendall(b"request")


KINDS: dict[Callable[[Place], None], bool] = {
    nobody: False,
    fresh: False,
    answered: False,
    slow_request: True,
    slow_second_request: True,
    slow_download: True,
    slow_download_of_a_closed_connection: True,
    closed: False,
    left: False,
    slow_request_of_a_client_that_says_no_more: True,
    waiting_to_be_accepted: True,
}

#: Those that are established, or were half closed, by the tables.
ESTABLISHED = set(KINDS) - {
    nobody, slow_download_of_a_closed_connection, closed, left, slow_request_of_a_client_that_says_no_more,
}  # fmt: skip


def is_busy(host: str, port: int) -> bool:
    seen = connections.probed(Probe(child=0, pid=1, listen=f"{host}:{port}".encode(), progress=7))
    assert (seen.progress, seen.refused) == (7, "")
    return not seen.well


@pytest.fixture(scope="module", name="places")
def _places() -> Iterator[dict[str, Place]]:
    """Return the place of each kind, and a few more, when their connections have been silent for more than a second."""
    places = {kind.__name__: Place() for kind in KINDS}
    for kind in KINDS:
        kind(places[kind.__name__])
    places["wildcard"] = Place("0.0.0.0").connect()
    places["both families"] = Place("::", family=socket.AF_INET6).connect()
    for name in ("wildcard", "both families"):
        places[name].ask()
    places["one"] = Place().connect()
    places["other"] = Place(OTHER, places["one"].port).connect(OTHER)
    places["other"].ask()
    time.sleep(connections.RECENT / 1000 + 0.2)
    yield places
    for place in places.values():
        place.close()


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_kinds(places: dict[str, Place], kind: Callable[[Place], None]) -> None:
    assert is_busy(HOST, places[kind.__name__].port) == KINDS[kind]


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_without_sock_diag_every_established_one_is_busy(
    places: dict[str, Place], kind: Callable[[Place], None]
) -> None:
    port = places[kind.__name__].port
    seen = connections.probed(Probe(child=0, pid=1, listen=b"%s:%d" % (HOST.encode(), port), no_diag=True))
    assert (seen.well, seen.refused) == (kind not in ESTABLISHED, "")


@pytest.mark.parametrize("host", [HOST, "0.0.0.0", "[::1]", "[::]"])
@pytest.mark.parametrize("name", ["wildcard", "both families"])
def test_a_listener_at_a_wildcard_address_has_the_connections_to_every_address(
    places: dict[str, Place], name: str, host: str
) -> None:
    assert is_busy(host, places[name].port)


def test_a_listener_at_one_address_has_the_connections_to_that(places: dict[str, Place]) -> None:
    port = places["one"].port
    assert not is_busy(HOST, port)
    assert is_busy(OTHER, port)
    assert is_busy("0.0.0.0", port)


def test_data_of_the_last_second_is_busy() -> None:
    place = Place().connect()
    place.ask()
    place.answer()
    assert is_busy(HOST, place.port)
    place.listener.close()  # as after QUIT
    assert is_busy(HOST, place.port)
    place.close()


def test_thousands_of_idle_connections_are_all_looked_at() -> None:
    """The answer has many parts."""
    place = Place()
    kept = []
    for _ in range(300):
        place.connect()
        kept.append((place.client, place.server))
    time.sleep(connections.RECENT / 1000 + 0.2)
    assert not is_busy(HOST, place.port)
    kept[150][0].sendall(b"request")
    assert is_busy(HOST, place.port)
    for pair in kept:
        for each in pair:
            each.close()
    place.close()


def test_a_connection_to_a_unix_socket_is_busy_as_long_as_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "s"
    probe = Probe(child=0, pid=1, listen=str(path).encode(), progress=1)
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as client:
        listener.bind(str(path))
        listener.listen()
        assert connections.probed(probe).well
        client.connect(str(path))
        assert not connections.probed(probe).well, "nobody has accepted it"
        server, _ = listener.accept()
        assert not connections.probed(probe).well
        server.close()
        assert connections.probed(probe).well
