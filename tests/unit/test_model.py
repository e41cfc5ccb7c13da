"""Pages: which there can be."""

import pytest

from page_tracker import Page


@pytest.mark.parametrize(
    ("site", "path"), [("", "/"), ("example.com", "/é {}"), ("localhost:8000", "/")]
)
def test_should_take_what_can_be_stored(site: str, path: str) -> None:
    assert Page(site, path) == Page(site, path)


@pytest.mark.parametrize(
    ("site", "path"),
    [("example.com", "/\udcff"), ("\udcff", "/"), ("a}b", "/"), ("{", "/")],
)
def test_should_refuse_what_cannot_be_stored(site: str, path: str) -> None:
    with pytest.raises(ValueError):
        Page(site, path)
