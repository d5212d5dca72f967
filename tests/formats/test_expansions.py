"""What becomes of supervisord's expansions."""

from __future__ import annotations

import pytest

from sigroute.formats.expansions import Expansions


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("a --x=%(ENV_B)s 5%%", ["a", "--x=${B}", "5%"]),
        ("a %(ENV_B)s", ["a", "${B...}"]),
        ('a "b %(ENV_C)s" "%(ENV_C)s" \'%(ENV_C)s\' x%(ENV_C)s', ["a", "b ${C}", "${C}", "${C}", "x${C}"]),
        ("a %(ENV_KNOWN)s -%(ENV_KNOWN)s", ["a", "b", "c", "-b", "c"]),
        ("a ${B}", ["a", "$${B}"]),
        ('bash -c "exec a :%(ENV_PORT)s ${B}"', ["bash", "-c", "exec a :$${PORT} $${B}"]),
        ("a %(program_name)s", ["a", "web"]),
        ("a 'b", ["sh", "-c", "a 'b"]),
    ],
)
def test_the_words_of_a_command(command: str, words: list[str]) -> None:
    comments: list[str] = []
    assert Expansions(comments.append, {"program_name": "web", "ENV_KNOWN": "b c"}).words(command) == words
    assert comments == []


def test_the_number_of_the_only_process_is_known() -> None:
    comments: list[str] = []
    assert Expansions(comments.append, number=7).text("80%(process_num)02d %(process_num)d") == "8007 7"
    assert comments == []


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("%(here)s/a", "%(here)s/a"),
        ("80%(process_num)02d", "80${INSTANCE}"),
        ("%(ENV_1X)s", "%(ENV_1X)s"),
        ("%(host_node_name)s", None),
    ],
)
def test_what_has_no_counterpart_is_said(value: str, text: str | None) -> None:
    comments: list[str] = []
    assert Expansions(comments.append).text(value) == (text or value)
    assert len(comments) == 1


def test_the_script_of_a_shell_does_not_know_its_number() -> None:
    comments: list[str] = []
    words = Expansions(comments.append).words("sh -c 'a %(process_num)d'")
    assert words == ["sh", "-c", "a %(process_num)d"]
    assert comments == ["%(process_num)d has no counterpart here"]


def test_what_counts_from_1_as_well_needs_no_comment() -> None:
    comments: list[str] = []
    assert Expansions(comments.append, first="1").text("%(process_num)d") == "${INSTANCE}"
    assert comments == []


def test_single_quotes_in_a_script_are_told_of() -> None:
    comments: list[str] = []
    Expansions(comments.append).words("""sh -c "echo '%(ENV_A)s'" """)
    assert comments == ["the shell expands its variables now, and not within single quotes: write double quotes there"]
