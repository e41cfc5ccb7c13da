"""Tests of exports and imports of referrers, for every CounterBackend."""

import io
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace as replaced
from datetime import UTC, date, datetime, timedelta

import pytest

from page_tracker import Count, CounterBackend, Limits, Page, SiteImport, View
from page_tracker.counting.referrers import OTHERS
from page_tracker.transfer.documents import Document, Member
from page_tracker.transfer.entries import Options
from page_tracker.transfer.exporting import Export
from page_tracker.transfer.importing import site_imports
from page_tracker.transfer.reading import Reader, Selection
from tests.contract_owner import LONG_AGO, TODAY, YESTERDAY
from tests.contract_referrers import record_referred, view_from


def exported(backend: CounterBackend, page: Page, since: date | None = None) -> str:
    """Return the export of the page's site in JSON."""
    file = io.StringIO()
    sites = [each for each in backend.sites(TODAY) if each.site == page.site]
    Export(backend, sites, datetime.now(UTC), False).write_json(file, since)
    return file.getvalue()


@contextmanager
def imports_of(content: str) -> Iterator[dict[str, SiteImport]]:
    """Read a file, and let its counts be imported within the block."""
    with closing(Reader(Options(TODAY), Selection(), None)) as reader:
        member = Member("export", lambda: io.BytesIO(content.encode()))
        reader.read(Document("export", [member]))
        yield site_imports(reader.finish(), TODAY, lambda _: None)


def import_of(
    page: Page, referrers: Mapping[str, Mapping[date | None, int]], name: str = "it"
) -> dict[str, SiteImport]:
    """Return an import of a view, and of the views that referrers have brought."""
    counts = {f"{referrer}.example": views for referrer, views in referrers.items()}
    site = SiteImport(name, [Count(page, 1)], pages=1, daily=True, referrers=counts)
    return {page.site: site}


class ImportedReferrersContract:
    """A part of CounterBackendContract."""

    def test_should_import_referrers_once(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_referred(backend, page, a=1, b=1)
        sites = import_of(page, {"a": {None: 9, TODAY: 2, LONG_AGO: 3}, "c": {None: 1}})

        for changed in ({page.site}, set()):
            found = backend.import_counts(sites, replace=False, today=TODAY)

            assert found == changed
            assert backend.referrers(page.site) == {
                **{"a.example": 10, "b.example": 1, "c.example": 1}
            }
            assert backend.referrers(page.site, [TODAY]) == {
                **{"a.example": 3, "b.example": 1}
            }
            assert backend.referrers(page.site, [LONG_AGO]) == {"a.example": 3}

        other = import_of(page, {"a": {None: 1}}, "other")
        backend.import_counts(other, replace=False, today=TODAY)
        assert backend.referrers(page.site)["a.example"] == 11

    def test_should_replace_the_imported_referrers_and_keep_the_others(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_referred(backend, page, a=2, b=1)
        backend.record(View(page, YESTERDAY, referrer="a.example"))
        sites = import_of(page, {"a": {None: 9, LONG_AGO: 3}, "c": {None: 1, TODAY: 1}})

        for _ in range(2):
            backend.import_counts(sites, replace=True, today=TODAY)

            assert backend.referrers(page.site) == {
                **{"a.example": 9, "b.example": 1, "c.example": 1}
            }
            assert backend.referrers(page.site, [LONG_AGO]) == {"a.example": 3}
            assert not backend.referrers(page.site, [YESTERDAY])
            assert backend.referrers(page.site, [TODAY]) == {
                **{"b.example": 1, "c.example": 1}
            }

    @pytest.mark.parametrize("replace", [False, True])
    def test_should_keep_a_place_for_each_name_beside_those_beyond_the_limit(
        self,
        open_backend: Callable[[Limits], CounterBackend],
        page: Page,
        replace: bool,
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=3))
        sites = import_of(page, {"a": {None: 1}, "b": {None: 2}, "c": {None: 3}})
        named = sites[page.site]
        sites[page.site] = replaced(
            named, referrers={**named.referrers, OTHERS: {None: 4}}
        )

        backend.import_counts(sites, replace=replace, today=TODAY)
        record_referred(backend, page, a=1, d=1)

        assert backend.referrers(page.site) == {
            **{"a.example": 2, "b.example": 2, "c.example": 3},
            OTHERS: 5,
        }

    @pytest.mark.parametrize("replace", [False, True])
    def test_should_import_referrers_beyond_the_limit_together(
        self,
        open_backend: Callable[[Limits], CounterBackend],
        page: Page,
        replace: bool,
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=2))
        record_referred(backend, page, a=1, x=1, y=1)
        before = 0 if replace else 1
        sites = import_of(
            page, {"a": {None: 5}, "b": {None: 3, TODAY: 2}, "c": {None: 1}}
        )

        for _ in range(2):
            backend.import_counts(sites, replace=replace, today=TODAY)

            assert backend.referrers(page.site) == {
                **{"a.example": 5 + before, "x.example": 1},
                OTHERS: 4 + before,
            }
            of_today = backend.referrers(page.site, [TODAY])
            assert of_today[OTHERS] == 2 + before

    @pytest.mark.parametrize("replace", [False, True])
    def test_should_import_many_referrers_while_views_come(
        self,
        open_backend: Callable[[Limits], CounterBackend],
        page: Page,
        replace: bool,
    ) -> None:
        backend = open_backend(Limits(sites=1_000_000, referrers_per_site=1_000))
        days = [TODAY - timedelta(days=ago) for ago in range(60)]
        counts: dict[date | None, int] = dict.fromkeys(days, 2)
        names = {f"n{number}": {**counts, None: 200} for number in range(40)}
        sites = import_of(page, names)
        views = [view_from(page, f"new{number % 3}.example") for number in range(300)]

        with ThreadPoolExecutor(8) as threads:
            pending = [threads.submit(backend.record, view) for view in views]
            backend.import_counts(sites, replace=replace, today=TODAY)
            for each in pending:
                each.result()

        new = {f"new{number}.example": 100 for number in range(3)}
        imported = [f"{name}.example" for name in names]
        assert backend.referrers(page.site) == dict.fromkeys(imported, 200) | new
        assert backend.referrers(page.site, [TODAY]) == dict.fromkeys(imported, 2) | new
        assert backend.referrers(page.site, days) == dict.fromkeys(imported, 120) | new

    def test_should_import_the_referrers_that_it_exports(
        self, backend: CounterBackend, page: Page
    ) -> None:
        for day in (LONG_AGO, YESTERDAY, TODAY):
            backend.record(View(page, day, referrer="a.example"))
        record_referred(backend, page, b=2)
        backend.record(view_from(page, OTHERS))
        sites = import_of(page, {"a": {None: 5}}, "earlier")
        backend.import_counts(sites, replace=False, today=TODAY)
        content = exported(backend, page)

        backend.delete_site(page.site, TODAY)
        with imports_of(content) as restored:
            for changed in ({page.site}, set()):
                found = backend.import_counts(restored, replace=False, today=TODAY)
                assert found == changed

        assert exported(backend, page) == content
        assert backend.referrers(page.site) == {"a.example": 8, "b.example": 2, "*": 1}
        assert backend.referrers(page.site, [LONG_AGO]) == {"a.example": 1}

    def test_should_add_the_referrers_of_an_increment_to_those_of_all_time(
        self, backend: CounterBackend, page: Page
    ) -> None:
        record_referred(backend, page, a=2, b=1)
        backend.record(View(page, YESTERDAY, referrer="a.example"))
        increment = exported(backend, page, TODAY)
        backend.delete_site(page.site, TODAY)
        backend.record(View(page, YESTERDAY, referrer="a.example"))

        with imports_of(increment) as sites:
            backend.import_counts(sites, replace=False, today=TODAY)

        assert backend.referrers(page.site) == {"a.example": 3, "b.example": 1}
        assert backend.referrers(page.site, [TODAY]) == {"a.example": 2, "b.example": 1}
        assert backend.referrers(page.site, [YESTERDAY]) == {"a.example": 1}

    def test_should_import_referrers_again_after_the_site_was_deleted(
        self, backend: CounterBackend, page: Page
    ) -> None:
        sites = import_of(page, {"a": {None: 9, TODAY: 2}})
        backend.import_counts(sites, replace=False, today=TODAY)
        backend.delete_site(page.site, TODAY)

        backend.import_counts(sites, replace=False, today=TODAY)

        assert backend.referrers(page.site) == {"a.example": 9}
        assert backend.referrers(page.site, [TODAY]) == {"a.example": 2}
