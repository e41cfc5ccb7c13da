"""The dashboard shows sites, daily numbers and pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.owner import (
    DECEIVING,
    HOSTILE,
    PAGES,
    SITE,
    Owner,
    formatted,
    new_site,
)
from tests.browser.reader import Reader
from tests.conftest import StartTracker
from tests.servers import wait_until

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)


def test_should_open_with_the_printed_link(
    browser: Reader, start_tracker: StartTracker
) -> None:
    tracker = start_tracker(in_terminal=True, REDIS_URL="memory://")
    tracker.address()
    wait_until(lambda: "Dashboard: " in tracker.log, "the link")
    link = re.search("Dashboard: (.*)", tracker.log)
    assert link

    browser.open(link[1])

    browser.wait_for("Nothing has been counted yet", "#empty h2")
    browser.wait_for_value(True, "!document.querySelector('#main').hidden")
    assert browser.is_visible("#empty")
    assert f"{tracker.address()}/track.js" in str(browser.text("#script-code"))
    assert browser.console_messages() == []


def test_should_show_all_sites_with_their_numbers(owner: Owner) -> None:
    owner.count(new_site())

    owner.open()

    chosen = owner.texts("#sites a[aria-current] > *")
    assert chosen[0] == SITE
    assert re.fullmatch(r"[\d,]+ views", chosen[1])
    assert chosen[2:] == ["Today: 15 (0 visitors)", f"{PAGES} pages"]
    assert len(owner.texts("#sites li")) > 1
    assert owner.texts(".tiles dd")[0] == "15"


def test_should_show_the_selected_site(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}/first")
    owner.open(f"site={site}")
    owner.wait_for_texts(["/first"], "#rows .path")
    owner.reader.click(f"#sites a[href*='{SITE}']")

    owner.reader.wait_for(SITE, "#site-name")
    owner.wait_for_rows(12)
    assert owner.texts("#rows .path")[0] == "/"
    owner.reader.go_back()
    owner.reader.wait_for(site, "#site-name")
    owner.wait_for_texts(["/first"], "#rows .path")


def test_should_name_the_tracker_s_own_site(owner: Owner) -> None:
    owner.count("own.example")
    owner.reader.open(f"{owner.url}/")

    owner.open("site=~")

    owner.reader.wait_for("This tracker", "#site-name")
    assert owner.texts("#rows .path") == ["/"]
    assert not owner.reader.is_visible("#site-link")


def test_should_describe_the_day_under_the_pointer(owner: Owner) -> None:
    owner.open()
    assert owner.readout()[0] == "Last 30 days"

    owner.point_at(days_ago=1)

    assert owner.readout() == [formatted(YESTERDAY), "18 views", "2 visitors"]
    owner.reader.point("#history-title", 5, 5)
    assert owner.readout()[0] == "Last 30 days"


def test_should_describe_the_day_selected_with_the_keyboard(owner: Owner) -> None:
    owner.open()
    owner.reader.run("document.querySelector('#chart').focus()")
    said = "document.querySelector('#chart').ariaValueText"

    owner.reader.press(Keys.ARROW_LEFT)

    assert owner.readout() == [formatted(YESTERDAY), "18 views", "2 visitors"]
    assert owner.reader.value(said) == f"{formatted(YESTERDAY)}: 18 views, 2 visitors"
    owner.reader.press(Keys.HOME)
    first = TODAY - timedelta(days=29)
    assert owner.reader.value(said) == f"{formatted(first)}: 44 views, 0 visitors"
    owner.reader.press(Keys.END, Keys.ARROW_RIGHT)
    assert owner.readout()[0] == formatted(TODAY)


def test_should_show_the_days_as_a_table(owner: Owner) -> None:
    owner.open("days=90&site=" + SITE)

    owner.reader.click("#as-table summary")

    owner.reader.wait_for_value(90, "document.querySelectorAll('#days tr').length")
    row = owner.texts("#days tr:nth-child(2) > *")
    assert row == [formatted(YESTERDAY), "18", "2"]


def test_should_show_the_selected_period(owner: Owner) -> None:
    owner.open()

    owner.reader.click("#periods a:last-child")

    owner.reader.wait_for("Last 365 days", "#when")
    owner.reader.wait_for(
        "Views in the last 365 days that were not counted", "#ignored-period"
    )
    owner.reader.go_back()
    owner.reader.wait_for("Last 30 days", "#when")


def click_day(owner: Owner) -> None:
    """Select yesterday with a click."""
    owner.point_at(days_ago=1)
    owner.reader.click_at_pointer()


def select_day_with_keyboard(owner: Owner) -> None:
    """Select yesterday with the keyboard."""
    owner.reader.run("document.querySelector('#chart').focus()")
    owner.reader.press(Keys.ARROW_LEFT, Keys.ENTER)


def enter_date(owner: Owner) -> None:
    """Enter the date of yesterday."""
    owner.reader.run(
        f"const day = document.querySelector('#day'); day.value = '{YESTERDAY}';"
        "day.dispatchEvent(new Event('change'))"
    )


@pytest.mark.parametrize("pick", [click_day, select_day_with_keyboard, enter_date])
def test_should_show_the_pages_of_a_day(
    owner: Owner, pick: Callable[[Owner], None]
) -> None:
    owner.open()

    pick(owner)

    owner.reader.wait_for(f"Top pages, {formatted(YESTERDAY)}", "#pages-title")
    owner.wait_for_texts(["/", "13", "72.2%", "/post/1", "5", "27.8%"], "#rows td")
    assert owner.reader.value("location.hash") == f"#site={SITE}&day={YESTERDAY}"
    owner.reader.click("#all-time")
    owner.reader.wait_for("Top pages", "#pages-title")
    owner.wait_for_rows(12)


def test_should_find_pages_by_their_path(owner: Owner) -> None:
    owner.open()

    owner.type("#search", "POST/12")

    owner.wait_for_rows(11)
    assert owner.texts("#rows .path")[0] == "/post/12"
    assert "search=POST%2F12" in str(owner.reader.value("location.hash"))
    owner.type("#search", "nowhere")
    owner.reader.wait_for("No page has “nowhere” in its path.", "#no-pages")


def test_should_show_more_pages_until_all_are_shown(owner: Owner) -> None:
    owner.open()

    for rows in (62, 112, PAGES):
        owner.reader.click("#more")
        owner.wait_for_rows(rows)

    assert not owner.reader.is_visible("#more")
    paths = owner.texts("#rows .path")
    assert paths == ["/", *(f"/post/{number}" for number in range(1, PAGES))]


def test_should_show_ignored_views_by_reason(owner: Owner) -> None:
    owner.open()

    numbers = dict(
        zip(owner.texts("#reasons dt"), owner.texts("#reasons dd"), strict=True)
    )
    assert numbers == {
        "CrawlersSearch engines and other bots": "3",
        "MonitorsHealth checks and uptime monitors": "0",
        "PrefetchesPages that a browser loaded in advance": "0",
        "Ignored addressesIP addresses in PAGE_TRACKER_IGNORE_IPS": "0",
        "Repeat viewsSame visitor and page within PAGE_TRACKER_DEDUPE seconds": "2",
    }


def test_should_show_hostile_names_without_running_them(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}{HOSTILE}")
    owner.count(f"{site}{DECEIVING}")

    owner.open(f"site={site}&search={quote('<img src=y onerror=uncaught.push(2)>')}")
    owner.open(f"site={site}")

    owner.wait_for_rows(2)
    assert sorted(owner.texts("#rows .path")) == [DECEIVING, HOSTILE]
    link = "document.querySelector('#rows a')"
    assert str(owner.reader.value(f"{link}.href")).startswith(f"https://{site}/")
    assert owner.reader.value(f"{link}.rel") == "noopener noreferrer"
    assert owner.reader.errors() == []
    assert owner.reader.console_messages() == []
