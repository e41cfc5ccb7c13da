"""The owner of a tracker, who looks at its dashboard; and what is counted there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import requests

from page_tracker import Count, CounterBackend, Ignored, Page, View
from tests.browser.reader import Reader
from tests.counting import TIMEOUT_S
from tests.servers import wait_until

TOKEN = "the-token-of-these-tests"

SITE = "blog.example"
MOVING_SITE = "moving.example"
"""Has at first what SITE has, and more with each test."""

PAGES = 130
"""So many pages has the site: /, viewed most, and /post/1 to /post/129."""

HOSTILE = "/<img src=x onerror=uncaught.push(1)>"
DECEIVING = "/%E2%80%AEgpj.exe"
"""Written as it stands, with what turns its direction, it would end in exe.jpg."""


def count_some(backend: CounterBackend) -> None:
    """Count what the tests of the dashboard find."""
    today = datetime.now(UTC).date()
    for site in (SITE, MOVING_SITE):
        counts = _counts(site, today)
        backend.add_counts(counts, name="sample", replace=False, today=today)
    yesterday = today - timedelta(days=1)
    for visitor in ("one", "two"):
        backend.record(View(Page(SITE, "/"), yesterday, visitor))
    for reason, views in ((Ignored.CRAWLER, 3), (Ignored.REPEAT, 2)):
        for _ in range(views):
            backend.record(View(Page(SITE, "/"), today, ignored=reason))


def _counts(site: str, today: date) -> Iterator[Count]:
    yield Count(Page(site, "/"), 4998)
    for number in range(1, PAGES):
        yield Count(Page(site, f"/post/{number}"), 1000 - number)
    for ago in range(100):
        day = today - timedelta(days=ago)
        yield Count(Page(site, "/"), 10 + ago, day)
        yield Count(Page(site, "/post/1"), 5, day)


def new_site() -> str:
    """Name a site that nothing was ever counted of."""
    return f"{uuid4().hex}.example"


class Owner:
    """Looks at the dashboard of a tracker with a browser."""

    def __init__(self, reader: Reader, url: str) -> None:
        self.reader = reader
        self.url = url

    @property
    def link(self) -> str:
        """The address of the dashboard, with the token in it."""
        return f"{self.url}/dashboard".replace("://", f"://owner:{TOKEN}@", 1)

    def open(self, place: str = f"site={SITE}") -> None:
        """Open the dashboard at a place, and wait until it is there."""
        self.reader.open(f"{self.link}#{place}")
        self.reader.wait_for_value(True, "!document.querySelector('#main').hidden")
        self.wait_for_pages()

    def wait_for_pages(self) -> None:
        """Return as soon as the pages are those that were asked for."""
        self.reader.wait_for_value(None, "document.querySelector('#ranking').ariaBusy")

    def count(self, page: str, agent: str = "Mozilla/5.0 (X11) Firefox/140.0") -> None:
        """View a page."""
        requests.get(
            f"{self.url}/hit.json",
            {"page": page},
            headers={"User-Agent": agent},
            timeout=TIMEOUT_S,
        ).raise_for_status()

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all that there are."""
        found = self.reader.value(
            f"[...document.querySelectorAll({selector!r})].map(e => e.textContent)"
        )
        assert isinstance(found, list)
        return found

    def wait_for_texts(self, texts: list[str], selector: str) -> None:
        """Return as soon as these are the texts."""
        wait_until(lambda: self.texts(selector) == texts, f"{texts} in {selector}")

    def wait_for_rows(self, rows: int) -> None:
        """Return as soon as so many pages are listed."""
        self.reader.wait_for_value(rows, "document.querySelectorAll('#rows tr').length")

    def point_at(self, days_ago: int, days: int = 30) -> None:
        """Move the mouse to a day in the chart."""
        width = self.reader.value("document.querySelector('#chart').clientWidth")
        assert isinstance(width, int)
        left, right = 42, 2
        slot = (width - left - right) / days
        self.reader.point("#chart", left + (days - days_ago - 0.5) * slot, 60)

    def readout(self) -> list[str]:
        """Return what is said above the chart: of when, and which numbers."""
        return self.texts("#when, #readout-views, #readout-visitors")

    def type(self, selector: str, text: str) -> None:
        """Type over what stands in a field."""
        self.reader.click(selector)
        self.reader.run(f"document.querySelector({selector!r}).select()")
        self.reader.press(text)


def spelled(day: date) -> str:
    """Write a day as the dashboard does."""
    # As Intl.DateTimeFormat has it in British English.
    month = "Sept" if day.month == 9 else f"{day:%b}"
    return f"{day:%a}, {day.day} {month} {day.year}"
