"""Paths as people write them."""

import pytest

from page_tracker.counting.page_names import parse_page
from page_tracker.counting.readable_paths import readable_path


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("/caf%C3%A9/%E3%82%AB", "/café/カ"),
        ("/a%2Fb%3Cc%20d", "/a%2Fb%3Cc%20d"),
        ("/%FF/%C3", "/%FF/%C3"),
        # Right-to-left override, zero-width space, no-break space, line separator.
        (
            "/%E2%80%AE/%E2%80%8B/%C2%A0/%E2%80%A8",
            "/%E2%80%AE/%E2%80%8B/%C2%A0/%E2%80%A8",
        ),
    ],
)
def test_should_show_only_what_denotes_the_same_path(stored: str, shown: str) -> None:
    assert readable_path(stored) == shown
    assert parse_page(f"example.com{shown}").path == stored
