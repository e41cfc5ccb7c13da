"""Counting in memory."""

from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from page_tracker import (
    BackendError,
    Count,
    CounterBackend,
    LimitReachedError,
    Limits,
    MemoryBackend,
    Page,
    SiteImport,
    View,
)
from page_tracker.counting.model import FRONT_PAGE
from tests.contract import DAY, CounterBackendContract, OpenBackend

PAGE = Page("a.example", "/")


class TestMemoryBackend(CounterBackendContract):
    """The contract in memory."""

    @pytest.fixture(name="open_backend")
    def fixture_open_backend(self) -> OpenBackend:
        """Return a function that opens an empty backend."""
        return lambda limits: MemoryBackend(limits=limits)

    def test_should_warn_that_counts_end_with_the_process(
        self, backend: CounterBackend
    ) -> None:
        (warning,) = backend.check().warnings

        assert "lost when the process ends" in warning


def test_should_exclude_the_front_page_from_the_limit_of_sites() -> None:
    backend = MemoryBackend(limits=Limits(sites=1))

    backend.record(View(FRONT_PAGE, DAY))
    backend.record(View(Page("a.example", "/"), DAY))

    with pytest.raises(LimitReachedError):
        backend.record(View(Page("b.example", "/"), DAY))


@pytest.mark.parametrize(
    "change",
    [
        lambda backend: backend.set_views(PAGE, 1),
        lambda backend: backend.delete_page(PAGE, DAY),
        lambda backend: backend.delete_site(PAGE.site, DAY),
        lambda backend: import_while(backend, lambda: None),
    ],
)
def test_should_end_an_import_when_the_site_changes_otherwise(
    change: Callable[[MemoryBackend], object],
) -> None:
    backend = MemoryBackend()
    backend.record(View(PAGE, DAY))

    with pytest.raises(BackendError, match="run it again"):
        import_while(backend, lambda: change(backend))

    assert backend.tally(PAGE, DAY).site_views in (0, 1, 6)
    import_while(backend, lambda: None)
    assert backend.tally(PAGE, DAY).site_views in (5, 6, 11)


def test_should_count_each_view_once_while_imports_end() -> None:
    backend, imports, views = MemoryBackend(), 2_000, 0

    def import_often() -> None:
        for number in range(imports):
            added = SiteImport(str(number), [Count(PAGE, 5)], pages=1)
            backend.import_counts({PAGE.site: added}, replace=False, today=DAY)

    importing = Thread(target=import_often)
    importing.start()
    while importing.is_alive():
        backend.record(View(PAGE, DAY))
        views += 1

    assert backend.tally(PAGE, DAY).site_views == 5 * imports + views


def import_while(backend: MemoryBackend, happens: Callable[[], object]) -> None:
    """Import five views of the page. While they are read, something happens."""

    def counts() -> Iterator[Count]:
        happens()
        yield Count(PAGE, 5)

    sites = {PAGE.site: SiteImport(str(happens), counts(), pages=1)}
    backend.import_counts(sites, replace=False, today=DAY)
