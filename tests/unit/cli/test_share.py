"""page-tracker share: links that show a site to others."""

import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from webtest import TestApp

from page_tracker import CounterBackend, Page, Rules, View, create_app, open_backend
from page_tracker.cli.main import command_line
from tests.contract_owner import TODAY


@pytest.fixture(name="url")
def fixture_url(tmp_path: Path) -> str:
    return f"sqlite:{tmp_path}/counts.db"


@pytest.fixture(name="backend")
def fixture_backend(url: str) -> CounterBackend:
    """A backend with two sites."""
    backend = open_backend(url)
    for site in ("example.com", "other.example"):
        backend.record(View(Page(site, "/"), TODAY))
    return backend


def share(url: str, *arguments: str, **variables: str) -> Result:
    """Run the command."""
    environ = {"PAGE_TRACKER_BACKEND": url, **variables}
    return CliRunner().invoke(command_line, ["share", *arguments], env=environ)


def test_should_print_a_link_that_shows_the_site(
    url: str, backend: CounterBackend
) -> None:
    result = share(url, "example.com", PAGE_TRACKER_URL="https://c.example")

    link = urlsplit(result.stdout.strip())
    assert (link.scheme, link.netloc, link.path) == ("https", "c.example", "/shared")
    site, key = (each.partition("=")[2] for each in link.fragment.split("&"))
    assert site == "example.com"
    client = TestApp(create_app(backend=backend, rules=Rules()))
    client.authorization = ("Bearer", key)
    assert client.get("/api/sites?site=example.com").json["sites"][0]["views"] == 1


def test_should_list_and_revoke_links(url: str, backend: CounterBackend) -> None:
    share(url, "example.com", "--label", "for Ada")
    share(url, "other.example")

    listed, other = json.loads(share(url, "--list", "--json").stdout)
    assert (listed["site"], listed["label"]) == ("example.com", "for Ada")
    assert listed["created"] == TODAY.isoformat()
    (only,) = share(url, "--list", "other.example").stdout.splitlines()
    assert only.split("\t")[:2] == [other["id"], "other.example"]

    revoked = share(url, "--revoke", listed["id"])

    assert revoked.stdout == "Revoked a link to example.com.\n"
    assert [each.site for each in backend.shares.all()] == ["other.example"]


def test_should_print_the_secret_once_and_not_keep_it(
    url: str, backend: CounterBackend
) -> None:
    made = json.loads(share(url, "example.com", "--json").stdout)

    _, _, secret = made["link"].partition("key=")
    (kept,) = backend.shares.all()
    assert len(secret) == 32
    assert secret not in repr(kept) + share(url, "--list", "--json").stdout


def test_should_say_how_a_link_becomes_complete(
    url: str, backend: CounterBackend
) -> None:
    result = share(url, "example.com")

    assert result.stdout.startswith("/shared#site=example.com&key=")
    assert "PAGE_TRACKER_URL" in result.stderr
    assert backend.shares.of("example.com")


@pytest.mark.parametrize(
    "arguments, code, text",
    [
        (["new.example"], 1, "new.example is not known"),
        (["--revoke", "x"], 1, "allowed: an ID of page-tracker share --list"),
        ([], 2, "allowed: SITE"),
        (["example.com", "--revoke", "x"], 2, "allowed: SITE"),
        (["--list", "--label", "x"], 2, "allowed: SITE"),
        (["example.com", "--label", "a\nb"], 2, "printable"),
        (["example.com", "--label", "x" * 101], 2, "100"),
        (["example.com/page"], 2, "allowed: a site"),
    ],
)
def test_should_say_what_is_wrong(
    url: str, backend: CounterBackend, arguments: list[str], code: int, text: str
) -> None:
    result = share(url, *arguments)

    assert result.exit_code == code
    assert text in result.output or text in str(result.exception)
    assert backend.shares.all() == []
