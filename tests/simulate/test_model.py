"""What words say of a child."""

from __future__ import annotations

import pytest

from sigroute.language import Mistake
from sigroute.simulate.model import CHILD, TASK, WORDS, Model, changed


@pytest.mark.parametrize(
    ("words", "model"),
    [
        ("exits:3s", Model(exits=3_000, at_last=False)),
        ("exits:0s", Model(exits=0, at_last=False)),
        ("never", Model(exits=None, at_last=False)),
        ("ignores:TERM,ignores:INT", Model(ignores=frozenset([15, 2]))),
        ("code:143", Model(code=143)),
        ("starting:2s,ready:never", Model(starting=2_000, ready=None)),
        ("crashes:1s", Model(ends=1_000, end_code=1)),
        ("crashes:1s,ends:2s", Model(ends=2_000)),
        ("run:fails", Model(run=0, run_code=1)),
        ("run:never", Model(run=None)),
        ("busy:30s", Model(busy=30_000)),
        ("leaves:1m", Model(leaves=True, left=60_000)),
    ],
)
def test_words(words: str, model: Model) -> None:
    assert changed(CHILD, words) == model


def test_a_later_word_wins_and_a_task_ends_unless_words_say_otherwise() -> None:
    assert changed(changed(TASK, "ends:5s"), "never").ends == 5_000
    assert changed(CHILD, "exits:3s,exits:4s").exits == 4_000


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("", 'unknown word ""', "the words are exits, ignores"),
        ("exit:3s", 'unknown word "exit"', "did you mean exits?"),
        ("exits", '"exits" needs a value', "write exits:TIME"),
        ("exits:3", "duration without a unit", "write 3s or 3ms"),
        ("ignores:KILL", 'no process can ignore "KILL"', "leave it out"),
        ("ignores:9", 'no process can ignore "9"', "leave it out"),
        ("ignores:TREM", 'unknown signal "TREM"', "did you mean TERM?"),
        ("code:256", '"256" is no exit code', "a number up to 255"),
        ("code:", '"" is no exit code', "a number up to 255"),
        ("exits:3s,", 'unknown word ""', "the words are"),
    ],
)
def test_mistakes(words: str, message: str, hint: str) -> None:
    with pytest.raises(Mistake, match=r".") as raised:
        changed(CHILD, words)
    assert raised.value.message.startswith(message)
    assert raised.value.hint.startswith(hint)


def test_each_word_changes_a_model() -> None:
    values = {"SIGNAL": "TERM", "N": "7", "TIME": "5s", "TIME|fails": "fails"}
    for word, (argument, meaning, _) in WORDS.items():
        assert changed(CHILD, f"{word}:{values[argument]}") != CHILD
        assert meaning
