"""Tests of which pages are valid."""

import pytest

from page_tracker import Page


@pytest.mark.parametrize(
    ("site", "path"), [("", "/"), ("example.com", "/é {}"), ("localhost:8000", "/")]
)
def test_should_accept_pages_that_can_be_stored(site: str, path: str) -> None:
    assert Page(site, path) == Page(site, path)


@pytest.mark.parametrize(
    ("site", "path"),
    [("example.com", "/\udcff"), ("\udcff", "/"), ("a}b", "/"), ("{", "/")],
)
def test_should_refuse_pages_that_cannot_be_stored(site: str, path: str) -> None:
    with pytest.raises(ValueError):
        Page(site, path)
