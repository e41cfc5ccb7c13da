"""The dashboard shows changes while it is open."""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.buffering_proxy import buffering_proxy
from tests.browser.owner import MOVING_SITE, TOKEN, Owner, new_site
from tests.browser.reader import Reader
from tests.conftest import StartRedis, StartTracker
from tests.servers import RedisServer, free_port, wait_until

CRAWLER = "Googlebot/2.1 (+http://www.google.com/bot.html)"
CELLS = "#pages tbody td:not(:first-child)"
STALE = re.compile(r"As of \d\d?:\d\d:\d\d [AP]M, not live")
GUNICORN = (str(Path(sys.executable).with_name("gunicorn")), "page_tracker.app:app")


def test_should_show_a_view_within_two_seconds(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}/old")
    owner.open(f"site={site}")
    owner.reader.wait_for("Live", "#status")

    took_s = []
    for views in ("2", "3", "4"):
        begun = time.monotonic()
        owner.count(f"{site}/new")
        owner.wait_for_tiles(Views=views)
        took_s.append(time.monotonic() - begun)

    # A busy machine may be slow once or twice, so only the fastest view counts.
    assert min(took_s) < 2
    owner.wait_for_texts(["3", "75%", "1", "25%"], CELLS)
    owner.reader.press(Keys.TAB)
    owner.point_at(days_ago=0)
    assert owner.tip()[1:] == ["4 views", "1 visitor"]


def test_should_rank_a_page_that_is_newer_than_a_kept_ranking(owner: Owner) -> None:
    site = new_site()
    owner.count(f"{site}/first")
    owner.open(f"site={site}")
    owner.wait_for_texts(["/first"], "#pages .path")

    # The tracker keeps the ranking that it has just made, and no further view follows.
    owner.count(f"{site}/second")

    owner.wait_for_texts(["/second", "/first"], "#pages .path")


def test_should_show_a_new_site(owner: Owner) -> None:
    owner.open()
    site = new_site()

    owner.count(site)
    owner.reader.run("document.querySelector('#all-sites').click()")

    owner.reader.wait_for_value(
        site, f"document.querySelector(\"#sites a[href*='{site}'] bdi\")?.textContent"
    )


def test_should_update_ignored_views_with_the_next_view(owner: Owner) -> None:
    site = new_site()
    owner.count(site)
    owner.open(f"site={site}")
    assert owner.texts("#reasons dd") == []

    owner.count(site, agent=CRAWLER)
    owner.count(site)

    owner.wait_for_texts(["1"], "#reasons dd")


def test_should_keep_focus_scroll_position_and_rows(owner: Owner) -> None:
    owner.open(f"site={MOVING_SITE}&search=post&span=all")
    for rows in (62, 112):
        owner.reader.click("#pages .more")
        owner.wait_for_rows(rows)
    owner.reader.run(
        "document.querySelectorAll('#pages .ranked a:first-child')[70].focus()"
    )
    owner.reader.run("window.row = document.querySelectorAll('#pages tbody tr')[70]")
    owner.reader.run("scrollTo(0, 1500)")
    kept = (
        "[document.activeElement === row.querySelector('a'), row.isConnected, scrollY, "
        "document.querySelector('#pages input').value, location.hash, "
        "document.querySelectorAll('#pages tbody tr').length]"
    )
    before = owner.reader.value(kept)
    last = "document.querySelector('#pages tbody td + td').textContent"
    views = int(str(owner.reader.value(last)).replace(",", ""))

    owner.count(f"{MOVING_SITE}/post/1")

    owner.reader.wait_for_value(f"{views + 1:,}", last)
    assert owner.reader.value(kept) == before


def test_should_show_a_lost_connection_and_recover(
    browser: Reader, sample_redis_url: str, start_tracker: StartTracker
) -> None:
    port = str(free_port())
    variables = {"REDIS_URL": sample_redis_url, "PAGE_TRACKER_TOKEN": TOKEN}
    tracker = start_tracker("--port", port, **variables)
    owner = Owner(browser, tracker.address())
    owner.open()
    owner.reader.wait_for("Live", "#status")

    tracker.stop()

    wait_until_stale(owner)
    owner.choose("#span", "90")
    lost = "History: The tracker cannot be reached."
    wait_until(lambda: lost in owner.texts("#notices p"), lost)
    start_tracker("--port", port, **variables)
    owner.reader.wait_for("Live", "#status")
    owner.reader.wait_for("", "#notices")
    owner.wait_for_tiles(Views="5,357")
    assert not is_grey(owner)


def wait_until_stale(owner: Owner) -> None:
    """Wait until the dashboard says that its numbers are not live."""
    status = "document.querySelector('#status').textContent"
    wait_until(
        lambda: STALE.fullmatch(str(owner.reader.value(status))) is not None,
        "numbers that are not live",
    )
    assert is_grey(owner)


def is_grey(owner: Owner) -> bool:
    """Return whether the numbers are greyed."""
    style = "getComputedStyle(document.querySelector('#tiles')).filter"
    return owner.reader.value(style) == "grayscale(1)"


@pytest.mark.parametrize(
    "stop, go_on",
    [
        (RedisServer.kill, RedisServer.start),
        (RedisServer.suspend, RedisServer.resume),
    ],
    ids=["killed", "suspended"],
)
def test_should_say_since_when_redis_is_gone(
    browser: Reader,
    start_redis: StartRedis,
    start_tracker: StartTracker,
    stop: Callable[[RedisServer], None],
    go_on: Callable[[RedisServer], None],
) -> None:
    redis = start_redis()
    tracker = start_tracker(REDIS_URL=redis.url, PAGE_TRACKER_TOKEN=TOKEN)
    owner, site = Owner(browser, tracker.address()), new_site()
    owner.count(site)
    owner.open(f"site={site}")
    owner.reader.wait_for("Live", "#status")

    stop(redis)

    wait_until_stale(owner)
    assert owner.tiles()["Views"] == "1"
    go_on(redis)
    owner.reader.wait_for("Live", "#status")
    assert not is_grey(owner)
    owner.count(site)
    owner.wait_for_tiles(Views="2")
    browser.open("about:blank")


def test_should_show_counts_in_a_file_also_after_a_restart(
    browser: Reader, tmp_path: Path, start_tracker: StartTracker
) -> None:
    url, site = f"sqlite:{tmp_path}/counts.db", new_site()
    first = start_tracker("--backend", url, PAGE_TRACKER_TOKEN=TOKEN)
    Owner(browser, first.address()).count(f"{site}/old")
    first.finish()
    second = start_tracker("--backend", url, PAGE_TRACKER_TOKEN=TOKEN)
    owner = Owner(browser, second.address())
    owner.open(f"site={site}")
    owner.wait_for_tiles(Views="1")

    owner.reader.wait_for("Live", "#status")
    owner.count(f"{site}/new")

    owner.wait_for_tiles(Views="2")
    owner.wait_for_texts(["/old", "/new"], "#pages .path")
    browser.open("about:blank")


def test_should_poll_if_the_server_has_no_events(
    browser: Reader, sample_redis_url: str, start_tracker: StartTracker
) -> None:
    tracker = start_tracker(
        *("--worker-class", "gthread", "--threads", "8", "--bind", "127.0.0.1:0"),
        command=GUNICORN,
        REDIS_URL=sample_redis_url,
        PAGE_TRACKER_TOKEN=TOKEN,
    )
    owner = Owner(browser, tracker.address())
    site = new_site()
    owner.count(site)
    owner.open(f"site={site}")
    owner.reader.wait_for("Updated every second", "#status")

    owner.count(site)

    owner.wait_for_tiles(Views="2")
    owner.reader.wait_for("", "#notices")


def test_should_poll_if_a_proxy_buffers_the_events(
    browser: Reader, owned_tracker: str
) -> None:
    site = new_site()
    with buffering_proxy(owned_tracker) as url:
        owner = Owner(browser, url)
        owner.count(site)

        owner.open(f"site={site}")

        owner.reader.wait_for("Updated every second", "#status")
        owner.count(site)
        owner.wait_for_tiles(Views="2")
        browser.open("about:blank")


def test_should_request_nothing_while_the_tab_is_hidden(owner: Owner) -> None:
    site = new_site()
    owner.count(site)
    owner.open(f"site={site}")
    owner.wait_for_tiles(Views="1")

    owner.reader.run(HIDE.format(hidden="true"))
    owner.count(site)
    owner.reader.value("new Promise(done => setTimeout(done, 1500))")

    assert owner.tiles()["Views"] == "1"
    owner.reader.run(HIDE.format(hidden="false"))
    owner.wait_for_tiles(Views="2")


HIDE = """
Object.defineProperty(document, "hidden", {{value: {hidden}, configurable: true}});
document.dispatchEvent(new Event("visibilitychange"));
"""
