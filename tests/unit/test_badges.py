"""Tests of badges and their options."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NoReturn
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webtest import TestApp

from page_tracker import BackendError, MemoryBackend, Rules, View, create_app
from page_tracker.counting.model import Page, Tally
from page_tracker.web.formats import SHIELDS, SVG
from page_tracker.web.formats.badge_options import COLORS, OptionError, Options
from page_tracker.web.formats.badge_styles import STYLES
from page_tracker.web.formats.text_width import text_width

PAGE = Page("example.com", "/")
NAMESPACE = "{http://www.w3.org/2000/svg}"
LOGOS = [
    "data:image/png;base64,iVBORw0KGgo=",
    "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAAAAADs=",
    "data:image/webp;base64,UklGRhoAAABXRUJQ",
    "data:image/svg+xml;base64,PHN2Zy8+",
]


def badge(views: int = 42, **options: str) -> ElementTree.Element:
    """Draw a badge, and read it as XML."""
    drawn = SVG.prepare(options.get).draw(PAGE, Tally(views, views, 0))
    return ElementTree.fromstring(drawn)


def texts(drawn: ElementTree.Element) -> list[str]:
    """Return the texts of a badge from left to right, without shadows."""
    return [
        element.text or ""
        for element in drawn.iter(f"{NAMESPACE}text")
        if element.get("aria-hidden") is None
    ]


def fills(drawn: ElementTree.Element) -> list[str | None]:
    """Return the background colors from left to right."""
    rects = [rect.get("fill") for rect in drawn.iter(f"{NAMESPACE}rect")]
    return [fill for fill in rects if fill and fill.startswith("#")]


def test_should_show_the_views() -> None:
    drawn = badge()

    assert texts(drawn) == ["views", "42"]
    assert fills(drawn) == ["#555", "#007ec6"]


def test_should_be_accessible_to_screen_readers() -> None:
    drawn = badge(label="<hits>")

    assert drawn.get("role") == "img"
    assert drawn.get("aria-label") == "<hits>: 42"
    assert drawn.findtext(f"{NAMESPACE}title") == "<hits>: 42"


@pytest.mark.parametrize(
    ("views", "options", "number"),
    [
        (0, {}, "0"),
        (999, {}, "999"),
        (12345, {}, "12,345"),
        (2**63 - 1, {}, "9,223,372,036,854,775,807"),
        (42, {"base": "1000"}, "1,042"),
        (42, {"base": "999999999999999"}, "1,000,000,000,000,041"),
        (12345, {"abbreviate": "false"}, "12,345"),
        (12345, {"abbreviate": "true"}, "12.3k"),
        (12345, {"abbreviate": ""}, "12.3k"),
        (12345, {"abbreviate": "1", "base": "90000"}, "102k"),
        (999, {"abbreviate": "1"}, "999"),
        (1000, {"abbreviate": "1"}, "1k"),
        (999_999, {"abbreviate": "1"}, "999k"),
        (1_000_000, {"abbreviate": "1"}, "1M"),
        (1_990_000, {"abbreviate": "1"}, "1.9M"),
        (2**63 - 1, {"abbreviate": "1", "base": "9" * 15}, "9.2E"),
    ],
)
def test_should_format_the_number_by_the_options(
    views: int, options: Mapping[str, str], number: str
) -> None:
    assert texts(badge(views, **options))[-1] == number


@pytest.mark.parametrize(
    ("color", "shown"),
    [
        ("brightgreen", "#4b0"),
        ("Red", "#dd4343"),
        ("grey", "#555"),
        ("4c1", "#4c1"),
        ("#4C1", "#4c1"),
        ("007ec6", "#007ec6"),
        ("#007EC6", "#007ec6"),
    ],
)
def test_should_have_the_requested_colors(color: str, shown: str) -> None:
    assert fills(badge(color=color)) == ["#555", shown]
    assert fills(badge(label_color=color)) == [shown, "#007ec6"]


@pytest.mark.parametrize(("color", "letters"), [("white", "#333"), ("black", "#fff")])
def test_should_be_legible_on_every_color(color: str, letters: str) -> None:
    *_, text = badge(color=color).iter(f"{NAMESPACE}text")

    assert text.get("fill") == letters


@pytest.mark.parametrize(
    ("style", "height", "corners", "written"),
    [
        ("flat", "20", True, ["views", "42"]),
        ("flat-square", "20", False, ["views", "42"]),
        ("plastic", "18", True, ["views", "42"]),
        ("for-the-badge", "28", False, ["VIEWS", "42"]),
    ],
)
def test_should_have_the_requested_style(
    style: str, height: str, corners: bool, written: list[str]
) -> None:
    drawn = badge(style=style)

    assert drawn.get("height") == height
    assert (drawn.find(f"{NAMESPACE}clipPath") is not None) == corners
    assert texts(drawn) == written


def test_should_have_only_the_right_half_without_a_label() -> None:
    drawn = badge(label="")

    assert texts(drawn) == ["42"]
    assert fills(drawn) == ["#007ec6"]
    assert drawn.get("aria-label") == "42"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("label", "x" * 101, "label: the text has 101 characters; allowed: 100"),
        (
            "label",
            "a\nb",
            "label: the text contains a control character; allowed: text",
        ),
        ("label", "a\u2028b", "label: the text contains a control character"),
        ("label", "\ufffe", "label: the text contains a control character"),
        ("color", "", "color: '' is not a color; allowed: a hex value such as 4c1"),
        ("color", "ochre", "color: 'ochre' is not a color;"),
        ("color", "12345", "color: '12345'"),
        ("color", "##123", "color: '##123'"),
        ("color", "１２３", "color: '１２３'"),
        ("color", "123\n", r"color: '123\n'"),
        ("color", "red;x:url(//x)", "color: 'red;x:url(//x)'"),
        ("label_color", "x" * 1000, f"label_color: '{'x' * 40}'… is not a color;"),
        ("style", "", "style: '' is not allowed; allowed: flat, flat-square, plastic"),
        ("style", "Flat", "style: 'Flat'"),
        ("base", "", "base: '' is not valid; allowed: a number of up to 15 digits"),
        ("base", "-1", "base: '-1'"),
        ("base", "1e9", "base: '1e9'"),
        ("base", "1" * 16, f"base: '{'1' * 16}'"),
        ("base", "１", "base: '１'"),
        ("abbreviate", "yes", "abbreviate: 'yes' is not valid; allowed: true or false"),
    ],
)
def test_should_name_a_wrong_option(name: str, value: str, reason: str) -> None:
    for format_ in (SVG, SHIELDS):
        with pytest.raises(OptionError) as refused:
            format_.prepare({name: value}.get)

        assert str(refused.value).startswith(reason)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=100),
    st.sampled_from([*STYLES]),
    st.sampled_from(list(COLORS)),
)
def test_should_show_every_label_unchanged(label: str, style: str, color: str) -> None:
    try:
        Options.read({"label": label}.get)
    except OptionError:
        assert set(label) & {"\ufffe", "\uffff"}
        return

    drawn = badge(label=label, style=style, color=color)

    expected = f"{label}: 42" if label else "42"
    assert drawn.get("aria-label") == expected
    assert drawn.findtext(f"{NAMESPACE}title") == expected
    capitals = label.upper() if style == "for-the-badge" else label
    assert texts(drawn) == ([capitals, "42"] if label else ["42"])
    assert all(child.tag != f"{NAMESPACE}script" for child in drawn.iter())


@pytest.mark.parametrize("style", [name for name in STYLES if name != "social"])
@pytest.mark.parametrize(
    "label", ["i", "views", "WWWWWWWWWW", "просмотры", "浏览量", "👁"]
)
def test_should_be_as_wide_as_its_texts(style: str, label: str) -> None:
    drawn = badge(label=label, style=style)

    left, right = [
        rect
        for rect in drawn.iter(f"{NAMESPACE}rect")
        if (rect.get("fill") or "").startswith("#")
    ]
    label_text = next(drawn.iter(f"{NAMESPACE}text"))
    length, middle = measure(label_text, "textLength"), measure(label_text, "x")
    assert measure(left, "width") + measure(right, "width") == measure(drawn, "width")
    assert measure(right, "x") == measure(left, "width")
    # Both are in tenths of a pixel.
    assert 0 < middle - length / 2 < middle + length / 2 < 10 * measure(left, "width")


def measure(element: ElementTree.Element, name: str) -> float:
    """Read a number from an attribute."""
    return float(element.attrib[name])


@pytest.mark.parametrize(
    ("text", "width"),
    [
        # Measured in browsers, in Verdana.
        ("views", 30.8),
        ("0123456789", 69.9),
        ("i", 3.0),
        ("W", 10.9),
        # Wide characters have a width of one em, and combining characters have none.
        ("浏览量", 33.0),
        ("e\u0301", 6.6),
        ("e\u200d", 6.6),
        # A family, a flag and a skin tone are one emoji each.
        ("👨‍👩‍👧‍👦", 13.7),
        ("🇩🇪🇫🇷", 27.5),
        ("👍🏽", 13.7),
        ("𝘃𝗶𝗲𝘄𝘀", 35.3),
        # With the variation selector, a symbol is an emoji.
        ("☀️", 13.7),
        ("1️⃣2️⃣", 27.4),
        # One character for several letters.
        ("ﬁne", 20.4),
        # Circled and narrow letters.
        ("ⓥⓘ", 22),
        ("ﾊﾝｶｸ", 22),
    ],
)
def test_should_measure_texts(text: str, width: float) -> None:
    assert text_width(text, 11) == pytest.approx(width, abs=0.3)


@pytest.mark.parametrize(
    ("text", "dejavu", "noto"),
    # Measured in Chromium 156 with these fonts.
    [
        ("views", 35.1, 30.8),
        ("المشاهدات", 59.4, 50.1),
        ("مشاهدات اليوم", 82.1, 67.0),
        ("מבקרים", 40.3, 36.6),
        ("צפיות היום", 55.0, 50.3),
    ],
)
def test_should_measure_bold_texts(text: str, dejavu: float, noto: float) -> None:
    assert 0.89 * dejavu < text_width(text, 11, "bold") < 1.16 * noto


@pytest.mark.parametrize(
    ("label", "spaced", "direction"),
    [
        ("просмотры", True, None),
        ("浏览量", True, None),
        ("المشاهدات", False, "rtl"),
        ("צפיות", False, "rtl"),
        ("दृश्य", False, None),
        ("ยอดเข้าชม", False, None),
        ("👨‍👩‍👧‍👦", False, None),
    ],
)
def test_should_not_tear_letters_apart(
    label: str, spaced: bool, direction: str | None
) -> None:
    for text in badge(label=label).iter(f"{NAMESPACE}text"):
        if text.text == label:
            assert ("textLength" in text.attrib) == spaced
            assert text.get("direction") == direction


def test_should_show_the_number_in_a_bubble() -> None:
    drawn = badge(7, style="social", color="red", label="readers")
    left, right = drawn.iter(f"{NAMESPACE}rect")

    assert texts(drawn) == ["readers", "7"]
    assert fills(drawn) == ["#fcfcfc", "#fcfcfc"]
    assert measure(right, "x") - measure(left, "width") == 7.5
    assert (
        measure(right, "x") + measure(right, "width") == measure(drawn, "width") - 0.5
    )


@pytest.mark.parametrize("logo", LOGOS)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("label", ["views", ""])
def test_should_show_a_logo_before_the_label(logo: str, style: str, label: str) -> None:
    drawn = badge(7, logo=logo, style=style, label=label)
    without = badge(7, style=style, label=label)

    (image,) = drawn.iter(f"{NAMESPACE}image")
    assert image.get("href") == logo
    added = measure(drawn, "width") - measure(without, "width")
    padding = 2 * STYLES[style].padding + STYLES[style].gap
    assert added == (17 if label else 14 + padding)
    starts = [measure(text, "x") / 10 for text in drawn.iter(f"{NAMESPACE}text")]
    assert all(start > measure(image, "x") + 14 for start in starts)


@pytest.mark.parametrize(
    ("logo", "reason"),
    [
        ("https://example.com/icon.png", "is not the data URI of an image"),
        ("data:text/html;base64,PHN2Zz4=", "is not the data URI of an image"),
        ("data:image/png,abc", "is not the data URI of an image"),
        ('data:image/png;base64,"onload=', "is not the data URI of an image"),
        ("data:image/png;base64,PHN2Zz4=", "the data is not png"),
        ("data:image/svg+xml;base64,iVBORw0KGgo=", r"the data is not svg\+xml"),
        ("data:image/png;base64,iVBORw0KGg", "is not valid base64"),
        (f"data:image/png;base64,{3072 * 'A'}", "the text has 3094 characters"),
    ],
)
def test_should_refuse_another_logo(logo: str, reason: str) -> None:
    with pytest.raises(
        OptionError, match=f"^logo: .*{reason}; allowed: data:image/png"
    ):
        badge(7, logo=logo)


def test_should_draw_an_error() -> None:
    options = {"label": "hits", "color": "red", "style": "plastic"}

    drawn = ElementTree.fromstring(SVG.failure("<the> reason; allowed: x", options.get))

    assert texts(drawn) == ["hits", "<the> reason"]
    assert drawn.get("aria-label") == "<the> reason; allowed: x"
    assert drawn.get("height") == "18"
    assert fills(drawn) == ["#555", "#939393"]


@pytest.mark.parametrize(
    ("show", "drawn"),
    [
        ("total", ["views", "7"]),
        ("today", ["views today", "3"]),
        ("7-days", ["views in 7 days", "5"]),
        ("30-days", ["views in 30 days", "6"]),
        ("site", ["views", "8"]),
        ("visitors-today", ["visitors today", "2"]),
    ],
)
def test_should_show_the_requested_number(show: str, drawn: list[str]) -> None:
    backend, today = MemoryBackend(), Rules().today()
    for ago in (0, 1, 6, 29, 30):
        backend.record(View(PAGE, today - timedelta(days=ago)))
    backend.record(View(PAGE, today, "visitor"))
    backend.record(View(Page(PAGE.site, "/other"), today))
    client = TestApp(create_app(backend=backend))
    query = {"page": PAGE.site, "show": show}

    counted = client.get("/hit.svg", query)

    message = client.get("/views.shields.json", query).json["message"]
    assert texts(ElementTree.fromstring(counted.body)) == drawn
    assert message == drawn[1]


@pytest.mark.parametrize("show", ["today", "7-days", "30-days", "visitors-today"])
def test_should_refuse_to_add_views_of_before_to_a_number_of_days(show: str) -> None:
    with pytest.raises(
        OptionError, match=f"^base: {show} .*; allowed: show=total, show=site$"
    ):
        badge(7, show=show, base="1000")
    assert badge(7, show=show, base="0") is not None


def test_should_add_views_of_before_to_those_of_the_site() -> None:
    assert texts(badge(7, show="site", base="1000"))[1] == "1,007"


def test_should_show_an_error_if_the_view_counted_but_cannot_be_shown() -> None:
    class Half(MemoryBackend):
        """A backend that fails after it has counted."""

        def page_history(self, page: Page, days: Sequence[date]) -> NoReturn:
            raise BackendError("down")

    backend = Half()
    client = TestApp(create_app(backend=backend))

    answer = client.get("/hit.svg", {"page": PAGE.site, "show": "today"})

    assert answer.headers["Page-Tracker-Error"].endswith("temporarily unavailable")
    assert backend.tally(PAGE, Rules().today()).page_views == 1


def test_should_write_json_for_shields() -> None:
    options: dict[str, Any] = {"label": "hits", "color": "red", "base": "1000"}

    shown = json.loads(SHIELDS.prepare(options.get).draw(PAGE, Tally(42, 42, 0)))

    assert shown == {
        "schemaVersion": 1,
        "label": "hits",
        "message": "1,042",
        "color": "#dd4343",
        "labelColor": "#555",
        "style": "flat",
    }
    assert json.loads(SHIELDS.failure("reason", options.get)) == {
        "schemaVersion": 1,
        "label": "hits",
        "message": "reason",
        "isError": True,
        "labelColor": "#555",
        "style": "flat",
    }
