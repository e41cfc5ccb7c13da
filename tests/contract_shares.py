"""Tests of the links that show a site to others, for every CounterBackend."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from page_tracker import CounterBackend, Page, View
from page_tracker.backends.shares import Share
from tests.contract_owner import TODAY


def new_share(site: str) -> Share:
    """Return a link that no backend has."""
    return Share(uuid4().hex, site, uuid4().hex * 2, TODAY, "für Ada, „kurz“")


def share_site(backend: CounterBackend, site: str) -> Share:
    """Count a view of a site, and add a link to it."""
    backend.record(View(Page(site, "/"), TODAY))
    share = new_share(site)
    assert backend.shares.add(share)
    return share


class SharesContract:
    """Base of tests that have the fixtures `backend` and `page`."""

    def test_should_keep_the_links_of_a_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        share = share_site(backend, page.site)
        older = replace(new_share(page.site), created=TODAY - timedelta(days=1))

        assert backend.shares.add(older)

        assert backend.shares.of(page.site) == [older, share]
        assert {older, share} <= set(backend.shares.all())

    def test_should_keep_the_links_of_each_site_apart(
        self, backend: CounterBackend, page: Page
    ) -> None:
        share, other = share_site(backend, page.site), f"other.{page.site}"
        share_site(backend, other)

        assert backend.shares.of(page.site) == [share]
        assert backend.shares.of(f"new.{page.site}") == []

    def test_should_add_a_link_once(self, backend: CounterBackend, page: Page) -> None:
        share = share_site(backend, page.site)

        assert backend.shares.add(share)

        assert backend.shares.of(page.site) == [share]

    def test_should_add_no_link_to_an_unknown_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        assert not backend.shares.add(new_share(page.site))

        backend.record(View(page, TODAY))
        assert backend.shares.of(page.site) == []

    def test_should_remove_a_link(self, backend: CounterBackend, page: Page) -> None:
        share, kept = (share_site(backend, page.site) for _ in range(2))

        for _ in range(2):
            backend.shares.remove(share)

        assert backend.shares.of(page.site) == [kept]
        assert share not in backend.shares.all()

    def test_should_end_the_links_of_a_deleted_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        share = share_site(backend, page.site)

        backend.delete_site(page.site, TODAY)

        assert share not in backend.shares.all()
        backend.record(View(page, TODAY))
        assert backend.shares.of(page.site) == []

    def test_should_end_the_links_of_a_merged_site(
        self, backend: CounterBackend, page: Page
    ) -> None:
        into = f"into.{page.site}"
        share_site(backend, page.site)
        kept = share_site(backend, into)

        backend.merge_sites(page.site, into, TODAY)

        backend.record(View(page, TODAY))
        assert backend.shares.of(page.site) == []
        assert backend.shares.of(into) == [kept]
