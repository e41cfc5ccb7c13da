"""How names and bars look in a terminal."""

import io
import sys

import pytest

from page_tracker import Page
from page_tracker.operations.terminal import (
    bar_of,
    cells,
    in_columns,
    left_aligned,
    readable,
    readable_in_table,
)

BUECHER = Page("xn--bcher-kva.example:8080", "/b%C3%BC")
ISRAEL = Page("xn--4dbrk0ce.example", "/2026")


class Output(io.TextIOWrapper):
    """A standard output with this encoding."""

    def __init__(self, encoding: str, *, is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """Return whether this is a terminal."""
        return self._is_terminal


@pytest.mark.parametrize(
    ("what", "name"),
    [
        (BUECHER, "bücher.example:8080/b%C3%BC"),
        (BUECHER.site, "bücher.example:8080"),
        (Page("", "/"), "/"),
        ("", "/"),
        (Page("xn--80ak6aa92e.com", "/"), "xn--80ak6aa92e.com/"),
    ],
)
def test_should_name_pages_and_sites_as_people_write_them(
    monkeypatch: pytest.MonkeyPatch, what: Page | str, name: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Output("utf-8"))
    assert readable(what) == readable_in_table(what) == name


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-7", "cp437"])
def test_should_name_them_in_ascii_where_the_letters_are_missing(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Output(encoding))
    assert readable(ISRAEL) == readable_in_table(ISRAEL) == str(ISRAEL)


def test_should_name_them_as_stored_in_a_table_for_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Output("utf-8", is_terminal=False))
    assert readable_in_table(BUECHER) == str(BUECHER)
    assert readable_in_table("") == "/"
    assert readable(BUECHER) == "bücher.example:8080/b%C3%BC"


def test_should_keep_columns_in_their_order_after_letters_from_right_to_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdout", Output("utf-8"))
    assert in_columns(["ישראל.example  ", "12"]) == "ישראל.example    \u200e12"
    assert in_columns(["bücher.example", "12", "  "]) == "bücher.example  12"
    # It has the letters, but no such mark.
    monkeypatch.setattr(sys, "stdout", Output("cp862"))
    assert in_columns(["ישראל.example", "12"]) == "ישראל.example  12"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("a/b", 3),
        ("日本", 4),
        ("한국", 4),
        ("ישראל\u200e", 5),
        ("ไทยที่", 4),
    ],
)
def test_should_know_the_cells_of_a_text(text: str, width: int) -> None:
    assert cells(text) == width
    assert left_aligned(text, 8) == text + " " * (8 - width)


@pytest.mark.parametrize(
    ("number", "drawn"),
    [
        (0, ""),
        (1, "▏"),
        (16, "▏"),
        (31, "▎"),
        (125, "█"),
        (141, "█▏"),
        (490, "███▉"),
        (500, "████"),
        (1000, "████████"),
    ],
)
def test_should_draw_bars_to_an_eighth_of_a_cell(
    monkeypatch: pytest.MonkeyPatch, number: int, drawn: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Output("utf-8"))
    assert bar_of(number, 1000, 8) == drawn


@pytest.mark.parametrize(
    ("number", "drawn"), [(0, ""), (1, "#"), (500, "####"), (1000, "########")]
)
@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_should_draw_bars_in_ascii_where_others_are_missing(
    monkeypatch: pytest.MonkeyPatch, encoding: str, number: int, drawn: str
) -> None:
    monkeypatch.setattr(sys, "stdout", Output(encoding))
    assert bar_of(number, 1000, 8) == drawn


def test_should_draw_no_bar_without_space(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Output("utf-8"))
    assert bar_of(1, 1, 0) == ""
