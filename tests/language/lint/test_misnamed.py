"""What is a slip of the pen."""

from __future__ import annotations

import pytest

from sigroute.language.lint.misnamed import is_typo


@pytest.mark.parametrize(
    ("word", "other", "slip"),
    [
        ("nginx", "ngnix", True),
        ("nginx", "nginy", True),
        ("nginx", "nnginx", True),
        ("nginx", "ngix", True),
        ("worker.py", "wroker.py", True),
        ("php-fpm8.2", "php-fpm8.3", True),
        ("gunicorn", "gunicorn3", False),
        ("httpd", "httpd-foreground", False),
        ("postgres", "postmaster", False),
        ("abcde", "abdec", False),
        ("sh", "su", False),
    ],
)
def test_one_letter_or_two_that_changed_places(word: str, other: str, *, slip: bool) -> None:
    assert is_typo(word, other) == is_typo(other, word) == slip
