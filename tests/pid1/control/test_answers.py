"""The commands by their words: what PID 1 is asked, and what is said of what is not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigroute.pid1.control.answers import COMMANDS, answer
from sigroute.pid1.control.counts import Counts
from sigroute.pid1.engine.state import initial
from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.exit_codes import USAGE
from sigroute.pid1.names import name_of
from tests.pid1.scene import Scene

if TYPE_CHECKING:
    from sigroute.pid1.control.answers import Request

RULES = """
[child.web]
command = ["web"]
groups = ["front"]
[child.worker]
command = ["worker"]
instances = 3
groups = ["front", "back"]
[child.apart]
command = ["apart"]
"""


def expanded_scene(rules: str) -> Scene:
    """Return a scene with all instances."""
    scene = Scene(rules, begun=False)
    scene.plan = expanded(scene.plan, {})
    scene.state = initial(scene.plan)
    scene.begin()
    return scene


SCENE = expanded_scene(RULES)
NAMES = [child.name for child in SCENE.plan.children]


class Client:
    """Whoever asks: what has come of it."""

    def __init__(self, *words: str) -> None:
        self.answered: list[str] = []
        self.refused: list[tuple[int, str]] = []
        self.asked: list[tuple[str, int, list[int]]] = []
        answer((SCENE.plan, SCENE.state, SCENE.now, Counts(SCENE.plan)), self, list(words))

    def answer(self, text: str, /) -> None:
        self.answered.append(text)

    def refuse(self, code: int, why: str, /) -> None:
        self.refused.append((code, why))

    def follow(self) -> None:
        self.answered.append("...")

    def ask(self, *requests: Request) -> None:
        self.asked += [(what, signal, [*children]) for what, signal, children in requests]


def why(*words: str) -> str:
    """Return why it is refused."""
    client = Client(*words)
    assert not client.answered
    assert not client.asked
    ((code, text),) = client.refused
    assert code == USAGE
    return text


def test_status() -> None:
    assert Client("status").answered[0].startswith("sigroute (pid ")
    (text,) = Client("status", "--json").answered
    assert text.endswith("}\n")
    assert [each["name"] for each in json.loads(text)["children"]] == [
        "web",
        "worker.1",
        "worker.2",
        "worker.3",
        "apart",
    ]


@pytest.mark.parametrize(
    ("name", "children"),
    [
        ("web", [0]), ("worker", [1, 2, 3]), ("worker.2", [2]), ("apart", [4]), ("@front", [0, 1, 2, 3]),
        ("@back", [1, 2, 3]),
    ],
)  # fmt: skip
def test_whom_a_signal_is_for(name: str, children: list[int]) -> None:
    assert Client("send", name, "HUP").asked == [("send", 1, children)]
    assert Client("send", "--raw", name, "HUP").asked == [("send-raw", 1, children)]
    assert Client("send", name, "HUP", "--raw").asked == [("send-raw", 1, children)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("TERM", 15), ("SIGTERM", 15), ("term", 15), ("sigterm", 15), ("15", 15), ("1", 1), ("64", 64), ("RTMIN", 34),
        ("RTMIN+3", 37), ("SIGRTMIN+30", 64), ("01", 1),
    ],
)  # fmt: skip
def test_signals(text: str, number: int) -> None:
    assert Client("send", "web", text).asked == [("send", number, [0])]


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "65", "32", "33", "-1", "999999999999999999999", "TERMX", "RTMIN+", "RTMIN+31", "RTMIN+-1", "SIG",
        "1.0", "²", "RTMIN+²", "TERM ", "+1", "1_0",
    ],
)  # fmt: skip
def test_what_is_no_signal(text: str) -> None:
    assert why("send", "web", text) == f"unknown signal {text!r} (as in TERM, SIGTERM, 15 or RTMIN+3)"


@pytest.mark.parametrize("name", ["KILL", "STOP", "CHLD", "SIGKILL", "9"])
def test_signals_that_no_rule_is_for(name: str) -> None:
    assert why("send", "web", name) == f"{name} is not routed by rules (send --raw sends it as it is)"
    assert Client("send", "--raw", "web", name).asked


@pytest.mark.parametrize(
    "name", ["nobody", "@web", "front", "worker.4", "worker.", "worker.0", "", "@", "web.1", "worker.²"]
)
def test_who_is_not_there(name: str) -> None:
    known = "web, worker.1, worker.2, worker.3, apart, @back, @front"
    assert why("send", name, "HUP") == f"there is no {name} here (there is {known})"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nothing",), f"'nothing' is no command here (it is one of {', '.join(COMMANDS)})"),
        (("",), f"the request is empty (a command is one of {', '.join(COMMANDS)})"),
        (("status", "web"), "expected: no further word; there is web"),
        (("status", "--raw"), "there is no option --raw here (there is --json)"),
        (("send",), "expected: NAME, SIGNAL; there is none"),
        (("send", "web"), "expected: NAME, SIGNAL; there is web"),
        (("send", "web", "HUP", "now"), "expected: NAME, SIGNAL; there is web HUP now"),
        (("send", "--json", "web", "HUP"), "there is no option --json here (there is --raw)"),
    ],
)
def test_what_is_no_command(words: tuple[str, ...], text: str) -> None:
    assert why(*words) == text


@given(st.lists(st.text(), min_size=1, max_size=5), st.sampled_from(["", "status", "send", "send --raw web"]))
def test_whatever_is_asked_has_one_answer(words: list[str], before: str) -> None:
    client = Client(*before.split(), *words)
    assert len(client.answered) + len(client.refused) + len(client.asked) == 1
    for _, signal, children in client.asked:
        assert name_of(signal)
        assert children


def test_stop_start_and_restart() -> None:
    for what in ("stop", "start", "restart"):
        assert Client(what, "web").asked == [(what, 0, [NAMES.index("web")])]
        assert why(what) == "expected: NAME; there is none"
        assert why(what, "nobody").startswith("there is no nobody here (there is ")
        assert why(what, "--now", "web").startswith("there is no option --now here (")
    workers = [index for index, name in enumerate(NAMES) if name.startswith("worker.")]
    assert len(workers) > 1
    assert Client("restart", "worker").asked == [("restart", 0, workers)]
    assert Client("restart", "--one-by-one", "worker").asked == [("restart", 0, [each]) for each in workers]


def test_events() -> None:
    assert Client("events", "--follow").answered == ["..."]
    assert why("events") == "events are not kept: --follow tells those to come ([journal] in the rules keeps them)"
