"""The dashboard shows sites, their pages and referrers, and what was ignored."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from selenium.webdriver.common.keys import Keys

from tests.browser.owner import (
    DECEIVING,
    HOSTILE,
    PAGES,
    SITE,
    TOKEN,
    Owner,
    formatted,
    new_site,
)
from tests.browser.reader import Reader
from tests.conftest import StartTracker
from tests.servers import wait_until

TODAY = datetime.now(UTC).date()
YESTERDAY = TODAY - timedelta(days=1)
PATHS = "#pages .path"
ALL_TIME = f"site={SITE}&span=all"


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


def test_should_show_the_selected_site(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}/first")
    owner.open(f"site={site}")
    owner.wait_for_texts(["/first"], PATHS)
    owner.reader.click(f"#sites a[href*='{SITE}']")

    owner.reader.wait_for(SITE, "#site-name")
    owner.wait_for_texts(["/", "/post/1"], PATHS)
    owner.reader.go_back()
    owner.reader.wait_for(site, "#site-name")
    owner.wait_for_texts(["/first"], PATHS)


def test_should_filter_the_sites(owner: Owner) -> None:
    for _ in range(7):
        owner.count(new_site())
    owner.count("xn--bcher-kva.example")
    owner.open()

    owner.type("#filter", "BÜCH")

    owner.wait_for_texts(["bücher.example"], "#sites .name")
    assert "filter=B%C3%9CCH" in str(owner.reader.value("location.hash"))
    assert owner.reader.text("#site-name") == SITE
    owner.type("#filter", "nowhere")
    owner.reader.wait_for("No site has “nowhere” in its name.", "#no-sites")


def test_should_say_that_a_site_is_unknown(owner: Owner) -> None:
    site = new_site()
    owner.open(f"site={site}")
    assert owner.reader.text("#unknown-site") == site
    assert not owner.reader.is_visible("#tiles")

    owner.count(site)

    owner.reader.wait_for(site, "#site-name")
    assert not owner.reader.is_visible("#unknown")


def test_should_find_a_site_by_its_readable_name(owner: Owner) -> None:
    owner.count("xn--bcher-kva.example")

    owner.open("site=bücher.example")

    owner.reader.wait_for("bücher.example", "#site-name")
    assert owner.reader.is_visible("#tiles")


def test_should_say_that_a_page_is_unknown(owner: Owner) -> None:
    owner.open(f"site={SITE}&page=/nowhere")

    owner.reader.wait_for("No view of this page has been counted", "#history-title")


def test_should_say_that_referrers_are_not_counted(
    browser: Reader, sample_redis_url: str, start_tracker: StartTracker
) -> None:
    tracker = start_tracker(
        REDIS_URL=sample_redis_url,
        PAGE_TRACKER_TOKEN=TOKEN,
        PAGE_TRACKER_REFERRERS="false",
    )

    Owner(browser, tracker.address()).open()

    browser.wait_for(
        "PAGE_TRACKER_REFERRERS=false: new views count as unknown.", "#referrers .hint"
    )
    browser.open("about:blank")


def test_should_name_the_tracker_s_own_site(owner: Owner) -> None:
    owner.count("own.example")
    owner.reader.open(f"{owner.url}/")

    owner.open("site=~")

    owner.reader.wait_for("This tracker", "#site-name")
    owner.wait_for_texts(["/"], PATHS)
    assert not owner.reader.is_visible("#site-link")


def test_should_find_pages_by_their_path(owner: Owner) -> None:
    owner.open(ALL_TIME)

    owner.type("#pages input", "POST/12")

    owner.wait_for_rows(11)
    assert owner.texts(PATHS)[0] == "/post/12"
    assert "search=POST/12" in str(owner.reader.value("location.hash"))
    owner.type("#pages input", "nowhere")
    owner.reader.wait_for("No page has “nowhere” in its path.", "#pages .none")


def test_should_show_more_pages_until_all_are_shown(owner: Owner) -> None:
    owner.open(ALL_TIME)

    for rows in (62, 112, PAGES):
        owner.reader.click("#pages .more")
        owner.wait_for_rows(rows)

    assert not owner.reader.is_visible("#pages .more")
    paths = owner.texts(PATHS)
    assert paths == ["/", *(f"/post/{number}" for number in range(1, PAGES))]


def test_should_show_the_history_of_a_page(owner: Owner) -> None:
    owner.open(f"site={SITE}")

    owner.reader.click("#pages a[href*='post/1']")

    owner.reader.wait_for("/post/1", "#site-name")
    owner.wait_for_tiles(Views="150", Share="16.9%", Best="5")
    assert owner.tiles()["Views of all time"] == "999"
    assert owner.reader.value("location.hash") == f"#site={SITE}&page=/post/1"
    link = "document.querySelector('#site-link').href"
    assert owner.reader.value(link) == f"https://{SITE}/post/1"
    assert f"page={SITE}/post/1" in str(owner.reader.text("#badge-code"))
    owner.point_at(days_ago=1)
    assert owner.tip() == [formatted(YESTERDAY), "5 views"]
    owner.reader.click("#to-site")
    owner.reader.wait_for(SITE, "#site-name")
    owner.reader.go_back()
    owner.reader.wait_for("/post/1", "#site-name")


def test_should_go_to_the_title_of_a_page_with_the_keyboard(owner: Owner) -> None:
    owner.open(f"site={SITE}")
    owner.reader.run("document.querySelector('#pages .links a').focus()")

    owner.reader.press(Keys.ENTER)

    owner.reader.wait_for("/", "#site-name")
    assert owner.reader.value("document.activeElement.id") == "site-title"


def test_should_show_the_site_if_a_link_names_no_page(owner: Owner) -> None:
    owner.open(f"site={SITE}&page=")

    assert owner.reader.text("#site-name") == SITE


def test_should_link_to_the_live_page(owner: Owner) -> None:
    owner.open()

    links = owner.reader.value(
        "[...document.querySelectorAll('#pages .out')].map(link => link.href)"
    )

    assert links == [f"https://{SITE}/", f"https://{SITE}/post/1"]


def test_should_show_where_readers_come_from(owner: Owner) -> None:
    owner.open(f"site={SITE}&span={YESTERDAY}")

    owner.wait_for_texts(
        ["Directly or unknown", "17", "94.4%", "bücher.example", "1", "5.6%"],
        "#referrers tbody td",
    )
    owner.type("#referrers input", "büch")
    owner.wait_for_texts(["bücher.example"], "#referrers .path")
    owner.type("#referrers input", "nowhere")
    owner.reader.wait_for("No host has “nowhere” in its name.", "#referrers .none")


def test_should_show_only_the_reasons_of_ignored_views(owner: Owner) -> None:
    owner.open()

    numbers = dict(
        zip(owner.texts("#reasons dt"), owner.texts("#reasons dd"), strict=True)
    )
    assert numbers == {
        "CrawlersSearch engines and other bots": "3",
        "Repeat viewsSame visitor and page within PAGE_TRACKER_DEDUPE seconds": "2",
    }
    owner.open(f"site={SITE}&span=yesterday")
    owner.reader.wait_for("No view was ignored.", "#none-ignored")


def test_should_show_hostile_names_without_running_them(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}{HOSTILE}")
    owner.count(f"{site}{DECEIVING}")

    owner.open(f"site={site}&search={quote('<img src=y onerror=uncaught.push(2)>')}")
    owner.open(f"site={site}")

    owner.wait_for_rows(2)
    assert sorted(owner.texts(PATHS)) == [DECEIVING, HOSTILE]
    link = "document.querySelector('#pages .out')"
    assert str(owner.reader.value(f"{link}.href")).startswith(f"https://{site}/")
    assert owner.reader.value(f"{link}.rel") == "noopener noreferrer"
    owner.reader.click("#pages tr:last-child a")
    owner.reader.wait_for_value(True, "!document.querySelector('#to-site').hidden")
    assert owner.reader.text("#site-name") in (DECEIVING, HOSTILE)
    assert owner.reader.errors() == []
    assert owner.reader.console_messages() == []
