"""The report as HTML, in a browser. Programs for mail know less than browsers."""

import os
import subprocess

import pytest

from page_tracker import Rules, View, open_backend
from page_tracker.counting.page_names import parse_page
from page_tracker.counting.readable_hosts import readable_host
from page_tracker.reports.period import Period
from tests.browser.owner import (
    DECEIVING,
    HOSTILE,
    HUGE_SITE,
    LONG_PATH,
    SITE,
    add_sample_counts,
)
from tests.browser.reader import Reader
from tests.browser.test_dashboard_quality import AXE, SCREENS, summary
from tests.processes import running
from tests.servers import PAGE_TRACKER

COMMAND = [*PAGE_TRACKER[:3], "report", "--last", "month", "--format", "html"]


@pytest.fixture(name="url", scope="session")
def fixture_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a file with the report on sample counts."""
    folder = tmp_path_factory.mktemp("report")
    file, counts = folder / "report.html", f"sqlite:{folder}/counts.db"
    backend = open_backend(counts)
    add_sample_counts(backend)
    day = Period.last("month", Rules().today()).span.last
    for path in (LONG_PATH, HOSTILE, DECEIVING):
        backend.record(View(parse_page(f"{HUGE_SITE}{path}"), day, "a visitor"))
    environ = os.environ | {"PAGE_TRACKER_BACKEND": counts}
    with (
        file.open("wb") as output,
        running(COMMAND, env=environ, stdout=output, stderr=subprocess.PIPE) as process,
    ):
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, b"")
    return file.as_uri()


@SCREENS
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_should_be_readable_on_every_screen(
    browser: Reader, url: str, screen: tuple[int, int], dark: bool
) -> None:
    browser.emulate_screen(*screen, dark=dark)
    browser.open(url)
    browser.run(AXE.read_text("utf-8"))

    found = browser.value("axe.run().then(found => found.violations)")

    assert isinstance(found, list)
    assert [summary(violation) for violation in found] == []
    # Nothing is wider than the screen, however long the names are.
    assert browser.value("document.documentElement.scrollWidth") == screen[0]
    text = str(browser.value("document.body.innerText"))
    assert f"\n{readable_host(HUGE_SITE)}\n" in text
    assert DECEIVING in text
    assert (browser.errors(), browser.console_messages()) == ([], [])


def test_should_draw_bars_without_images_and_styles_of_their_own(
    browser: Reader, url: str
) -> None:
    browser.open(url)

    # The bars of the site, each with its share of the cell and its height.
    browser.run(
        "const title = [...document.querySelectorAll('h2')]"
        f".find(each => each.innerText === '{SITE}');"
        "const days = title.nextElementSibling.nextElementSibling;"
        "window.bars = [...days.querySelectorAll('[role=presentation]')].map("
        "bar => [bar.offsetWidth / bar.parentElement.clientWidth, bar.offsetHeight])"
    )
    bars = browser.value("bars")

    assert isinstance(bars, list)
    assert len(bars) >= 28
    shares = [share for share, _ in bars]
    # The site had one view less on each day.
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.95
    assert {height for _, height in bars} == {12}
