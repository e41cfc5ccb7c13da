"""Texts that people enter, quoted in errors."""

import pytest

from page_tracker.counting.parsing import quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http", "'http'"),
        ("x" * 50, f"'{'x' * 40}'…"),
        ("redis://me:s3cret@h", "'redis://…@h'"),
        ("redis://me:s3/cret@h", "'redis://…@h'"),
        ("me:s3cret@h/x", "'…@h/x'"),
        ("s3cret@h", "'…@h'"),
        ("example.com/@me/post", "'example.com/@me/post'"),
    ],
)
def test_should_leave_out_secrets_and_the_end_of_long_texts(
    text: str, shown: str
) -> None:
    assert quoted(text) == shown
