"""One span drives everything that the dashboard shows."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.owner import PEAK_SITE, QUIET_SITE, SITE, Owner, formatted, new_site

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
CELLS = "#pages tbody td:not(:first-child)"


@pytest.mark.parametrize(
    "name, first, last, before",
    [
        ("today", "2026-03-31", "2026-03-31", ["2026-03-30", "2026-03-30"]),
        ("yesterday", "2026-03-30", "2026-03-30", ["2026-03-29", "2026-03-29"]),
        ("7", "2026-03-25", "2026-03-31", ["2026-03-18", "2026-03-24"]),
        ("30", "2026-03-02", "2026-03-31", ["2026-01-31", "2026-03-01"]),
        ("month", "2026-03-01", "2026-03-31", ["2026-02-01", "2026-02-28"]),
        ("last-month", "2026-02-01", "2026-02-28", ["2026-01-01", "2026-01-31"]),
        ("year", "2026-01-01", "2026-03-31", None),
        ("365", "2025-04-01", "2026-03-31", None),
        ("all", None, "2026-03-31", None),
        ("2020-01-01..2025-02-26", "2025-02-25", "2025-02-26", None),
        ("2026-02-28", "2026-02-28", "2026-02-28", ["2026-02-27", "2026-02-27"]),
        (
            "2026-03-01..2026-03-03",
            "2026-03-01",
            "2026-03-03",
            ["2026-02-26", "2026-02-28"],
        ),
        (
            "2026-03-03..2026-03-01",
            "2026-03-01",
            "2026-03-03",
            ["2026-02-26", "2026-02-28"],
        ),
        (
            "2026-03-30..2027-01-01",
            "2026-03-30",
            "2026-03-31",
            ["2026-03-28", "2026-03-29"],
        ),
    ],
)
def test_should_know_the_days_of_a_span(
    owner: Owner, name: str, first: str | None, last: str, before: list[str] | None
) -> None:
    owner.reader.open(owner.link)

    span = owner.reader.value(
        f"import('./dashboard/span.js').then(m => m.makeSpan('{name}', '2026-03-31'))"
    )

    assert isinstance(span, dict)
    compared = span["before"]
    days = compared and [compared["from"], compared["to"]]
    assert [span["from"], span["to"], days] == [first, last, before]


@pytest.mark.parametrize(
    "text", ["", "x", "31", "2026-02-30", "2026-1-1", "2026-01-01..x", "a..b..c"]
)
def test_should_show_30_days_instead_of_a_wrong_span(owner: Owner, text: str) -> None:
    owner.open(f"site={SITE}&span={text}")

    assert owner.reader.value("document.querySelector('#span').value") == "30"


def test_should_show_the_numbers_of_the_span(owner: Owner) -> None:
    owner.open()

    assert owner.tiles() == {
        "Views": "887",
        "Views a day, on average": "29.6",
        # From the first day with visitors: yesterday had two, today has none.
        "Visitors a day, on average": "1.0",
        "Best day": "44",
    }
    assert owner.texts(CELLS) == ["737", "83.1%", "150", "16.9%"]
    begin = TODAY - timedelta(days=59)
    assert str(owner.texts(".tiles .note")[0]).startswith("-50% vs. ")
    hint = owner.reader.value("document.querySelector('.tiles .note').title")
    assert str(begin.year) in str(hint) and str(hint).endswith(": 1,785")


def test_should_show_other_days_everywhere(owner: Owner) -> None:
    owner.open()

    owner.choose("#span", "yesterday")

    owner.wait_for_texts(["13", "72.2%", "5", "27.8%"], CELLS)
    owner.wait_for_tiles(Views="18", Visitors="2")
    owner.reader.wait_for("No view was ignored.", "#none-ignored")
    owner.wait_for_texts(["17", "94.4%", "1", "5.6%"], OF_REFERRERS)
    assert owner.reader.value("location.hash") == f"#site={SITE}&span=yesterday"
    assert fields(owner) == [str(YESTERDAY), str(YESTERDAY)]
    owner.choose("#span", "all")
    owner.wait_for_rows(12)
    owner.wait_for_tiles(Views="125,615")
    owner.reader.go_back()
    owner.wait_for_tiles(Views="18")
    owner.reader.go_back()
    owner.wait_for_tiles(Views="887")


OF_REFERRERS = "#referrers tbody td:not(:first-child)"


def fields(owner: Owner) -> object:
    """Return the first and the last day in the fields."""
    return owner.reader.value(
        "['#first-day', '#last-day'].map(id => document.querySelector(id).value)"
    )


def test_should_show_any_two_days(owner: Owner) -> None:
    owner.open()
    begin, end = TODAY - timedelta(days=50), TODAY - timedelta(days=41)

    owner.choose("#first-day", str(begin))
    owner.choose("#last-day", str(end))

    # The pages had 60 to 51 and 5 views.
    owner.wait_for_tiles(Views="605")
    owner.wait_for_texts(["555", "91.7%", "50", "8.3%"], CELLS)
    assert owner.reader.value("location.hash") == f"#site={SITE}&span={begin}..{end}"
    assert owner.reader.value("document.querySelector('#span').value") == "other"


def test_should_wait_for_a_whole_year_while_a_date_is_typed(owner: Owner) -> None:
    owner.open()
    owner.reader.run("document.querySelector('#first-day').focus()")
    begin = TODAY - timedelta(days=9)

    for key in f"{begin:%m%d%Y}":
        owner.reader.press(key)
        # The fields are filled with each view, but not while they are used.
        owner.reader.run("dispatchEvent(new Event('hashchange'))")

    owner.reader.wait_for_value(f"#site={SITE}&span={begin}..{TODAY}", "location.hash")
    assert fields(owner) == [str(begin), str(TODAY)]


def click_day(owner: Owner) -> None:
    """Pick yesterday with a click."""
    owner.point_at(days_ago=1)
    owner.reader.click_at_pointer()


def pick_with_keyboard(owner: Owner) -> None:
    """Pick yesterday with the keyboard."""
    owner.reader.run("document.querySelector('#chart').focus()")
    owner.reader.press(Keys.ARROW_LEFT, Keys.ENTER)


@pytest.mark.parametrize("pick", [click_day, pick_with_keyboard])
def test_should_show_the_day_of_a_bar(
    owner: Owner, pick: Callable[[Owner], None]
) -> None:
    owner.open()

    pick(owner)

    owner.wait_for_texts(["13", "72.2%", "5", "27.8%"], CELLS)
    assert owner.reader.value("location.hash") == f"#site={SITE}&span={YESTERDAY}"
    # The other days are still there, to pick another one.
    owner.reader.press(Keys.TAB)
    owner.point_at(days_ago=2)
    owner.reader.click_at_pointer()
    owner.wait_for_tiles(Views="17")


def test_should_compare_nothing_without_a_complete_span_before(owner: Owner) -> None:
    # The first views are 99 days old, so the span before has some days without.
    owner.open(f"site={SITE}&span=90")

    assert owner.texts(".tiles .note")[:3] == ["", "", ""]
    site = new_site()
    owner.count(site)
    owner.open(f"site={site}")
    owner.wait_for_tiles(Views="1")
    assert owner.texts(".tiles .note")[:3] == ["", "", ""]


def test_should_begin_a_mean_with_the_first_day_of_the_site(owner: Owner) -> None:
    owner.open(f"site={QUIET_SITE}")
    assert owner.tiles()["Views a day, on average"] == "0.2"
    assert owner.tiles()["Visitors a day, on average"] == "–"

    owner.open(f"site={QUIET_SITE}&span=all")

    assert owner.tiles()["Views a day, on average"] == "0.7"
    begin = TODAY - timedelta(days=50)
    notes = owner.texts(".tiles .note")
    assert notes[1] == f"since {begin:%b} {begin.day}, {begin.year}"


def test_should_still_understand_links_of_earlier_versions(owner: Owner) -> None:
    owner.open(f"site={SITE}&days=90")
    assert owner.reader.value("document.querySelector('#span').value") == "90"

    owner.open(f"site={SITE}&days=90&day={YESTERDAY}")

    owner.wait_for_tiles(Views="18")


def test_should_describe_the_bar_at_the_pointer(owner: Owner) -> None:
    owner.open()
    assert owner.tip() == []

    owner.point_at(days_ago=1)

    assert owner.tip() == [formatted(YESTERDAY), "18 views", "2 visitors"]
    owner.reader.point("#history-title", 5, 5)
    assert owner.tip() == []


def test_should_describe_the_bar_chosen_with_the_keyboard(owner: Owner) -> None:
    owner.open()
    owner.reader.run("document.querySelector('#chart').focus()")
    said = "document.querySelector('#chart').ariaValueText"

    owner.reader.press(Keys.ARROW_LEFT)

    assert owner.tip() == [formatted(YESTERDAY), "18 views", "2 visitors"]
    assert owner.reader.value(said) == f"{formatted(YESTERDAY)}: 18 views, 2 visitors"
    owner.reader.press(Keys.HOME)
    first = TODAY - timedelta(days=29)
    assert owner.reader.value(said) == f"{formatted(first)}: 44 views, 0 visitors"
    owner.reader.press(Keys.END, Keys.ARROW_RIGHT)
    assert owner.tip()[0] == formatted(TODAY)


def test_should_keep_pointing_at_the_day_chosen_with_the_keyboard(owner: Owner) -> None:
    owner.open()
    owner.reader.run("document.querySelector('#chart').focus()")
    owner.reader.press(Keys.HOME)
    first = owner.tip()[0]

    owner.reader.press(Keys.ENTER)

    # Its bar is now in the middle of others.
    owner.wait_for_tiles(Views="44")
    assert owner.tip() == [first, "44 views", "0 visitors"]


def test_should_show_the_days_as_a_table(owner: Owner) -> None:
    owner.open(f"span=365&site={SITE}")

    owner.reader.click("#as-table summary")

    # Days without views are left out.
    owner.reader.wait_for_value(100, "document.querySelectorAll('#days tr').length")
    row = owner.texts("#days tr:nth-child(2) > *")
    assert row == [formatted(YESTERDAY), "18", "2"]


@pytest.mark.parametrize(
    "days, pixels, bars, unit",
    [(30, 300, 30, "day"), (90, 300, 13, "week"), (365, 900, 53, "week")],
)
def test_should_show_bars_that_fit(
    owner: Owner, days: int, pixels: int, bars: int, unit: str
) -> None:
    made = make_bars(owner, date(2026, 6, 14), days, pixels)

    assert (len(made), made[0]["unit"]) == (bars, unit)
    assert sum(one["views"] for one in made) == days
    assert made[-1]["to"] == "2026-06-14"


def test_should_show_months_on_a_narrow_screen(owner: Owner) -> None:
    made = make_bars(owner, date(2026, 6, 14), 365, 300)

    assert [one["from"] for one in made][:2] == ["2025-06-15", "2025-07-01"]
    assert [one["views"] for one in made] == [
        16,
        31,
        31,
        30,
        31,
        30,
        31,
        31,
        28,
        31,
        30,
        31,
        14,
    ]


def make_bars(owner: Owner, last: date, days: int, pixels: int) -> list[dict[str, Any]]:
    """Return the bars of days with one view each."""
    owner.reader.open(owner.link)
    dates = [str(last - timedelta(days=ago)) for ago in reversed(range(days))]
    counts = json.dumps([{"day": day, "views": 1, "visitors": 0} for day in dates])
    made = owner.reader.value(
        f"import('./dashboard/bars.js').then(m => m.makeBars({counts}, {pixels}))"
    )
    assert isinstance(made, list)
    return made


@pytest.mark.parametrize(
    "values, top",
    [([0], 5), ([1], 5), ([7, 3], 8), ([1250], 1250), ([10] * 30 + [1000], 15)],
)
def test_should_have_a_scale_with_exact_lines(
    owner: Owner, values: list[int], top: int
) -> None:
    owner.reader.open(owner.link)

    scale = owner.reader.value(
        f"import('./dashboard/bars.js').then(m => m.makeScale({values}, 5, true))"
    )

    assert isinstance(scale, dict)
    assert scale["top"] == top and top % scale["step"] == 0


def test_should_cut_a_peak_with_a_mark(owner: Owner) -> None:
    owner.open(f"site={PEAK_SITE}")

    # On a busy machine, the page may be shown before its numbers have come.
    owner.wait_for_texts(["1,000"], "#chart .peaks text")
    assert owner.texts("#chart .grid text")[:4] == ["0", "5", "10", "15"]
    owner.reader.click("#scale")
    owner.wait_for_texts([], "#chart .peaks text")
    assert "1K" in owner.texts("#chart .grid text")
    assert "scale=full" in str(owner.reader.value("location.hash"))
    owner.reader.click("#scale")
    owner.wait_for_texts(["1,000"], "#chart .peaks text")


def test_should_show_numbers_and_dates_in_the_language_of_the_reader(
    owner: Owner,
) -> None:
    owner.reader.prefer_language("de-DE")

    owner.open(f"site={SITE}&span=all")

    assert owner.tiles()["Views"] == "125.615"
