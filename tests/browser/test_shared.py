"""The page that shows one site to others."""

from uuid import uuid4

import pytest

from page_tracker import CounterBackend, open_backend
from page_tracker.backends.shares import Share, digest_of
from tests.browser.owner import SITE, TOKEN, Owner, new_site
from tests.browser.reader import Reader
from tests.contract_owner import TODAY

SHOWN = "!document.querySelector('#main').hidden"


class Others(Owner):
    """Others, who look at a site that is shown to them."""

    @property
    def link(self) -> str:
        """The URL of the page, without any secret."""
        return f"{self.url}/shared"


@pytest.fixture(name="backend", scope="module")
def fixture_backend(sample_redis_url: str) -> CounterBackend:
    return open_backend(sample_redis_url)


@pytest.fixture(name="others")
def fixture_others(browser: Reader, owned_tracker: str) -> Others:
    """Others, without the token."""
    return Others(browser, owned_tracker)


def share(backend: CounterBackend, site: str) -> tuple[Share, str]:
    """Make a link to a site. Return it, and its place in the page."""
    secret = uuid4().hex
    made = Share(uuid4().hex, site, digest_of(secret.encode()), TODAY)
    assert backend.shares.add(made)
    return made, f"site={site}&key={secret}"


def test_should_show_a_site_alone(others: Others, backend: CounterBackend) -> None:
    _, place = share(backend, SITE)

    others.open(place)

    others.reader.wait_for("Live", "#status")
    assert others.texts("#site-name") == [SITE]
    assert others.tiles()["Views"]
    visible = (
        "[...document.querySelectorAll('[data-owner]')]"
        ".filter(e => e.checkVisibility()).length"
    )
    assert others.reader.value(visible) == 0
    assert others.texts("#sites li") == []
    html = str(others.reader.value("document.documentElement.outerHTML"))
    assert "moving.example" not in html and TOKEN not in html
    assert others.reader.console_messages() == []


def test_should_keep_the_key_in_all_links(
    others: Others, backend: CounterBackend
) -> None:
    _, place = share(backend, SITE)
    others.open(place)

    others.choose("#span", "90")
    others.wait_for_pages()
    others.reader.click("#pages tbody a")
    others.reader.wait_for("/", "#site-name")

    assert place.partition("key=")[2] in str(others.reader.value("location.hash"))
    others.wait_for_pages()
    others.reader.wait_for("", "#notices")


def test_should_show_views_as_they_come(
    others: Others, backend: CounterBackend
) -> None:
    site = new_site()
    others.count(site)
    _, place = share(backend, site)
    others.open(place)
    others.reader.wait_for("Live", "#status")

    others.count(site)

    others.wait_for_tiles(Views="2")


def test_should_show_nothing_after_a_link_is_revoked(
    others: Others, backend: CounterBackend
) -> None:
    made, place = share(backend, SITE)
    others.open(place)
    others.reader.wait_for("Live", "#status")

    backend.shares.remove(made)

    others.reader.wait_for("Not shown", "#status")
    assert (
        others.reader.value("document.querySelector('main').checkVisibility()") is False
    )
    others.reader.wait_for("This link shows nothing", "#refused h2")


@pytest.mark.parametrize("place", ["", f"site={SITE}", f"site={SITE}&key=wrong"])
def test_should_say_that_a_link_shows_nothing(others: Others, place: str) -> None:
    others.reader.open(f"{others.link}#{place}")

    others.reader.wait_for("Not shown", "#status")
    assert others.reader.value(SHOWN) is False
