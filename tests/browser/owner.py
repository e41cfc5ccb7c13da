"""The owner of a tracker, who uses its dashboard, and sample counts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import requests

from page_tracker import Count, CounterBackend, Ignored, Page, View
from tests.browser.reader import Reader
from tests.contract_owner import site_imports
from tests.counting import TIMEOUT_S
from tests.servers import wait_until

TOKEN = "the-token-of-these-tests"

SITE = "blog.example"
MOVING_SITE = "moving.example"
"""Starts with the same counts as SITE. Tests add views to it."""

PAGES = 130
"""The number of pages of SITE: / (the top page) and /post/1 to /post/129."""

HOSTILE = "/<img src=x onerror=uncaught.push(1)>"
DECEIVING = "/%E2%80%AEgpj.exe"
"""Contains a right-to-left override: unescaped, it would appear to end in exe.jpg."""


def add_sample_counts(backend: CounterBackend) -> None:
    """Add the sample counts for the tests of the dashboard."""
    today = datetime.now(UTC).date()
    for site in (SITE, MOVING_SITE):
        counts = _counts(site, today)
        backend.import_counts(
            site_imports(counts, "sample"), replace=False, today=today
        )
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
    """Return the name of a site without counts."""
    return f"{uuid4().hex}.example"


class Owner:
    """Uses the dashboard of a tracker in a browser."""

    def __init__(self, reader: Reader, url: str) -> None:
        self.reader = reader
        self.url = url

    @property
    def link(self) -> str:
        """The URL of the dashboard, including the token."""
        return f"{self.url}/dashboard".replace("://", f"://owner:{TOKEN}@", 1)

    def open(self, place: str = f"site={SITE}") -> None:
        """Open the dashboard at a place, and wait until it has loaded."""
        self.reader.open(f"{self.link}#{place}")
        self.reader.wait_for_value(True, "!document.querySelector('#main').hidden")
        self.wait_for_pages()

    def wait_for_pages(self) -> None:
        """Wait until the requested pages are shown."""
        self.reader.wait_for_value(None, "document.querySelector('#ranking').ariaBusy")

    def count(self, page: str, agent: str = "Mozilla/5.0 (X11) Firefox/140.0") -> None:
        """Count a view of a page."""
        requests.get(
            f"{self.url}/hit.json",
            {"page": page},
            headers={"User-Agent": agent},
            timeout=TIMEOUT_S,
        ).raise_for_status()

    def texts(self, selector: str) -> list[str]:
        """Return the texts of all matching elements."""
        found = self.reader.value(
            f"[...document.querySelectorAll({selector!r})].map(e => e.textContent)"
        )
        assert isinstance(found, list)
        return found

    def wait_for_texts(self, texts: list[str], selector: str) -> None:
        """Wait until the matching elements have these texts."""
        wait_until(lambda: self.texts(selector) == texts, f"{texts} in {selector}")

    def wait_for_rows(self, rows: int) -> None:
        """Wait until the list has this number of pages."""
        self.reader.wait_for_value(rows, "document.querySelectorAll('#rows tr').length")

    def point_at(self, days_ago: int, days: int = 30) -> None:
        """Move the pointer to a day in the chart."""
        width = self.reader.value("document.querySelector('#chart').clientWidth")
        assert isinstance(width, int)
        left, right = 42, 2
        slot = (width - left - right) / days
        self.reader.point("#chart", left + (days - days_ago - 0.5) * slot, 60)

    def readout(self) -> list[str]:
        """Return the texts above the chart: day or period, views and visitors."""
        return self.texts("#when, #readout-views, #readout-visitors")

    def type(self, selector: str, text: str) -> None:
        """Replace the text of a field."""
        self.reader.click(selector)
        self.reader.run(f"document.querySelector({selector!r}).select()")
        self.reader.press(text)


def formatted(day: date) -> str:
    """Format a day like the dashboard."""
    # Intl.DateTimeFormat abbreviates September like this in British English.
    month = "Sept" if day.month == 9 else f"{day:%b}"
    return f"{day:%a}, {day.day} {month} {day.year}"
