"""Tests of the pseudonyms of visitors."""

import pytest

from page_tracker.counting.pseudonyms import new_salt, pseudonym

SALT = new_salt()


def test_should_be_the_same_on_one_site_and_day() -> None:
    assert pseudonym("me", "example.com", SALT) == pseudonym("me", "example.com", SALT)


@pytest.mark.parametrize(
    ("visitor", "site", "salt"),
    [
        ("you", "example.com", SALT),
        ("me", "www.example.com", SALT),
        ("me", "example.com", new_salt()),
        ("\udcff", "example.com", SALT),
    ],
    ids=["another visitor", "another site", "another day", "invalid text"],
)
def test_should_differ_for_another_visitor_site_or_day(
    visitor: str, site: str, salt: bytes
) -> None:
    name = pseudonym("me", "example.com", SALT)

    assert pseudonym(visitor, site, salt) != name
    assert len(name) == 8
