"""Recording views with a backend, without HTTP."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from page_tracker import BackendError, CounterBackend, Page, Tally, View
from tests.counting import Outcome

TODAY = date(2026, 11, 22)
THREADS = 16


def view(page: Page) -> View:
    """View the page today, with nobody to be told from others."""
    return View(page=page, day=TODAY, visitor=None)


def tally(views: int) -> Tally:
    """Make the tally of a site that has one page and no visitors to be told apart."""
    return Tally(page_views=views, site_views=views, site_visitors_today=0)


class Recorder(Outcome):
    """Records views of a page with some threads, and keeps what became of them."""

    def __init__(self, backend: CounterBackend, page: Page) -> None:
        super().__init__()
        self._backend = backend
        self._view = view(page)
        self.site = page.site

    def record(self, views: int) -> bool:
        """Record so many views at once, and tell whether all succeeded."""
        with ThreadPoolExecutor(THREADS) as threads:
            return all(list(threads.map(self._record, range(views))))

    def _record(self, _: int) -> bool:
        try:
            self.numbers.append(self._backend.record(self._view).site_views)
        except BackendError as error:
            self.failures.append(error)
            return False
        return True
