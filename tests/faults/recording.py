"""Recording views with a backend, without HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from page_tracker import BackendError, CounterBackend, Page, Tally, View
from tests.counting import Outcome

TODAY = date(2026, 11, 22)
REFERRER = "referrer.example"
THREADS = 16


def view(page: Page) -> View:
    """Return a view of the page today, without a visitor."""
    return View(page=page, day=TODAY, visitor=None, referrer=REFERRER)


def referred(backend: CounterBackend, page: Page) -> int:
    """Return how many views the referrer has brought, on the day and of all time."""
    (views,) = {
        backend.referrers(page.site, days).get(REFERRER, 0) for days in (None, [TODAY])
    }
    return views


def tally(views: int) -> Tally:
    """Return the tally of a site with a single page and no visitors."""
    return Tally(page_views=views, site_views=views, site_visitors_today=0)


class Recorder(Outcome):
    """Records views of a page from several threads, and keeps the results."""

    def __init__(self, backend: CounterBackend, page: Page) -> None:
        super().__init__()
        self._backend = backend
        self._view = view(page)
        self.site = page.site

    def record(self, views: int) -> bool:
        """Record this many views concurrently, and return whether all succeeded."""
        with ThreadPoolExecutor(THREADS) as threads:
            return all(list(threads.map(self._record, range(views))))

    def _record(self, _: int) -> bool:
        try:
            self.numbers.append(self._backend.record(self._view).site_views)
        except BackendError as error:
            self.failures.append(error)
            return False
        return True
