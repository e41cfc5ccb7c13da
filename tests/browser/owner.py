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

REFERRER = "xn--bcher-kva.example"
"""The referrer of a view of SITE yesterday."""

PEAK_SITE = "peak.example"
"""Had 10 views on each of the last 40 days, but 1000 three days ago."""

QUIET_SITE = "quiet.example"
"""Had 30 views 50 days ago, and 6 today."""

HUGE_SITE = "xn--4ca.a-very-long-name-of-a-site.with-many-labels.huge.example"
"""Has many views, and paths that are long or written from right to left."""

LONG_PATH = f"/{'long/' * 396}"
"""Makes the name of a page of HUGE_SITE as long as allowed, to the nearest word."""

PAGES = 130
"""The number of pages of SITE: / (the top page) and /post/1 to /post/129."""

PAGE_ROWS = "#pages tbody tr"

HOSTILE = "/<img src=x onerror=uncaught.push(1)>"
DECEIVING = "/%E2%80%AEgpj.exe"
"""Contains a right-to-left override: unescaped, it would appear to end in exe.jpg."""


def add_sample_counts(backend: CounterBackend) -> None:
    """Add the sample counts for the tests of the dashboard."""
    today = datetime.now(UTC).date()
    sites = (
        _counts(SITE, today),
        _counts(MOVING_SITE, today),
        _peak(today),
        _quiet(today),
        _huge(today),
    )
    for counts in sites:
        backend.import_counts(
            site_imports(counts, "sample"), replace=False, today=today
        )
    yesterday = today - timedelta(days=1)
    for visitor, referrer in (("one", REFERRER), ("two", None)):
        backend.record(View(Page(SITE, "/"), yesterday, visitor, referrer=referrer))
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


def _peak(today: date) -> Iterator[Count]:
    page = Page(PEAK_SITE, "/")
    yield Count(page, 5000)
    for ago in range(40):
        yield Count(page, 1000 if ago == 3 else 10, today - timedelta(days=ago))


def _quiet(today: date) -> Iterator[Count]:
    page = Page(QUIET_SITE, "/")
    yield Count(page, 36)
    yield Count(page, 30, today - timedelta(days=50))
    yield Count(page, 6, today)


def _huge(today: date) -> Iterator[Count]:
    views = {
        "/": 3_000_000_000,
        LONG_PATH: 1_000_000_000,
        f"/{'x' * 1983}": 2,
        "/مرحبا": 1,
    }
    for path, total in sorted(views.items()):
        yield Count(Page(HUGE_SITE, path), total)
    for path, total in sorted(views.items()):
        yield Count(Page(HUGE_SITE, path), total, today)


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
        """Wait until the requested numbers are shown."""
        self.reader.wait_for_value(None, "document.querySelector('[aria-busy]')")

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
        self.reader.wait_for_value(
            rows, f"document.querySelectorAll('{PAGE_ROWS}').length"
        )

    def point_at(self, days_ago: int, days: int = 30) -> None:
        """Move the pointer to a day in the chart."""
        width = self.reader.value("document.querySelector('#chart').clientWidth")
        assert isinstance(width, int)
        left, right = 46, 2
        slot = (width - left - right) / days
        self.reader.point("#chart", left + (days - days_ago - 0.5) * slot, 60)

    def tip(self) -> list[str]:
        """Return the texts at the pointer in the chart."""
        return self.texts("#tip:not([hidden]) > *")

    def tiles(self) -> dict[str, str]:
        """Return the labels and the values of the tiles."""
        found = self.texts(".tiles :is(dt, dt + dd)")
        return dict(zip(found[::2], found[1::2], strict=True))

    def wait_for_tiles(self, **tiles: str) -> None:
        """Wait until the first tiles whose labels begin so have these values."""

        def are_shown() -> bool:
            shown = dict[str, str]()
            for label, value in self.tiles().items():
                shown.setdefault(label.split()[0], value)
            return tiles.items() <= shown.items()

        wait_until(are_shown, f"{tiles}")

    def choose(self, selector: str, value: str) -> None:
        """Choose a value in a menu or a field, as a person does."""
        # If its history is full, Chromium drops what a page adds without a click.
        self.reader.click("#history-title")
        self.reader.run(
            f"const chosen = document.querySelector({selector!r});"
            f"chosen.value = {value!r}; chosen.dispatchEvent(new Event('change'))"
        )

    def type(self, selector: str, text: str) -> None:
        """Replace the text of a field."""
        self.reader.click(selector)
        self.reader.run(f"document.querySelector({selector!r}).select()")
        self.reader.press(text)


def formatted(day: date) -> str:
    """Format a day like the dashboard, for a reader of American English."""
    return f"{day:%a}, {day:%b} {day.day}, {day.year}"
