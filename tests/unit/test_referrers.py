"""Where views came from: the parameter "from", and the names of referrers."""

from dataclasses import replace

import pytest
from webtest import TestApp

from page_tracker import Limits, MemoryBackend, Rules, create_app
from page_tracker.counting.model import FRONT_PAGE
from page_tracker.counting.naming import Naming
from page_tracker.counting.referrers import OTHERS
from page_tracker.settings import Settings
from tests.unit.pages import COUNTING, GOOGLEBOT, NAME, READING, views

SITE = "example.com"
FROM = "news.ycombinator.com"

FOLDED = [
    ("news.ycombinator.com", "news.ycombinator.com"),
    ("www.example.org", "example.org"),
    ("m.example.org", "example.org"),
    ("www.m.example.org", "example.org"),
    ("amp.example.org", "example.org"),
    ("mobile.example.org", "example.org"),
    # What is left of these is no site.
    ("www.com", "www.com"),
    ("m.de", "m.de"),
    ("m.co.uk", "m.co.uk"),
    ("m.example.co.uk", "example.co.uk"),
    ("facebook.com", "facebook.com"),
    ("l.facebook.com", "facebook.com"),
    ("lm.facebook.com", "facebook.com"),
    ("m.facebook.com", "facebook.com"),
    ("de-de.facebook.com", "facebook.com"),
    ("notfacebook.com", "notfacebook.com"),
    ("t.co", "x.com"),
    ("x.com", "x.com"),
    ("mobile.twitter.com", "x.com"),
    ("netflix.com", "netflix.com"),
    ("old.reddit.com", "reddit.com"),
    ("out.reddit.com", "reddit.com"),
    ("youtu.be", "youtube.com"),
    ("t.me", "telegram.org"),
    ("l.threads.net", "threads.com"),
    ("acme.slack.com", "slack.com"),
    ("uk.search.yahoo.com", "search.yahoo.com"),
    ("www.google.de", "google.com"),
    ("google.co.uk", "google.com"),
    ("google.com.au", "google.com"),
    ("mail.google.com", "mail.google.com"),
    ("google.example.org", "google.example.org"),
    ("www.pinterest.de", "pinterest.com"),
    ("ya.ru", "yandex.ru"),
    ("yandex.com", "yandex.ru"),
    ("yandex.com.tr", "yandex.ru"),
    ("l.fb.com", "facebook.com"),
    ("on.fb.me", "facebook.com"),
    ("v.redd.it", "reddit.com"),
    ("en.m.wikipedia.org", "en.wikipedia.org"),
    ("m.wikidata.org", "wikidata.org"),
    ("android-app://com.google.android.gm/", "mail.google.com"),
    ("com.google.android.gm", "mail.google.com"),
    ("android-app://com.slack", "slack.com"),
    ("android-app://org.example.reader/https/example.com", "org.example.reader"),
]
SPELLED = [
    "example.org",
    "Example.ORG.",
    "example.org:8443",
    "example.org/links?a=1#b",
    "//example.org",
    "http://example.org:80",
    "https://www.example.org:8443/links?a=1#b",
    "https://me:secret@example.org/",
    " https://example.org/\n",
    "https://example.org/" + "x" * 3000,
    "example-org.translate.goog",
]
UNKNOWN = [
    "",
    " ",
    "*",
    "-",
    "example",
    "localhost:8080",
    "http://localhost/",
    "nas.local",
    "wiki.internal",
    "wiki.corp",
    "fritz.home",
    "pc.lan",
    "192.168.1.2",
    "8.8.8.8",
    "http://2130706433/",
    "[::1]",
    "http://[2606:2800:220:1::1]:80/",
    "about:blank",
    "file:///home/me/page.html",
    "chrome-extension://abcdefghijklmnop/page.html",
    "ftp://example.org/",
    "me@example.org",
    "mailto:me@example.org",
    "example.org:port",
    "a b.example",
    "a..example",
    "{}.example",
    "a\0b.example",
    "\ufffd.example",
    "x" * 64 + ".example",
    ".".join(["x" * 60] * 5),
    "x" * 3000,
    "%FF.example",
]


def client_of(**variables: str) -> tuple[TestApp, MemoryBackend]:
    """Return a tracker with these variables, named without their prefix."""
    environ = {f"PAGE_TRACKER_{name}": text for name, text in variables.items()}
    settings = Settings.read(environ)
    backend = MemoryBackend(limits=settings.limits)
    return TestApp(create_app(backend=backend, rules=settings.rules)), backend


class TestCounting:
    """Views and where they came from."""

    @pytest.mark.parametrize("route", COUNTING)
    def test_should_count_a_view_for_the_host_that_it_came_from(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        client.get(route, {"page": NAME, "from": FROM})
        client.post(route, {"page": NAME, "from": f"https://{FROM}/item?id=1"})
        client.get(route, {"page": NAME})

        assert backend.referrers(SITE) == {FROM: 2}
        assert backend.referrers(SITE, [Rules().today()]) == {FROM: 2}
        assert views(backend) == 3

    def test_should_count_it_for_a_namespace_and_a_key(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        client.get(f"/hit/mysite.com/visits?from={FROM}")

        assert backend.referrers("mysite.com") == {FROM: 1}

    @pytest.mark.parametrize("route", READING)
    def test_should_count_nothing_where_a_number_is_only_read(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        client.get(route, {"page": NAME, "from": FROM})
        client.head("/hit.json", {"page": NAME, "from": FROM})

        assert not backend.referrers(SITE)

    @pytest.mark.parametrize("route", COUNTING)
    @pytest.mark.parametrize("origin", UNKNOWN)
    def test_should_count_a_view_without_a_referrer_if_it_is_not_known(
        self, client: TestApp, backend: MemoryBackend, route: str, origin: str
    ) -> None:
        client.post(route, {"page": NAME, "from": origin})

        assert views(backend) == 1
        assert not backend.referrers(SITE)

    @pytest.mark.parametrize("route", COUNTING)
    @pytest.mark.parametrize(
        "query", ["from=a.example&from=b.example", "from", "from=%E9"]
    )
    def test_should_count_a_view_whose_referrer_is_not_valid(
        self, client: TestApp, backend: MemoryBackend, route: str, query: str
    ) -> None:
        client.get(f"{route}?page={NAME}&{query}")

        assert views(backend) == 1
        assert not backend.referrers(SITE)

    def test_should_not_read_the_header_which_names_the_page_itself(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        client.get("/hit.gif", {"page": NAME}, headers={"Referer": f"https://{FROM}/"})

        assert not backend.referrers(SITE)

    def test_should_ignore_it_on_the_front_page(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        client.get("/", {"from": FROM})

        assert views(backend, FRONT_PAGE) == 1
        assert not backend.referrers(FRONT_PAGE.site)

    def test_should_not_count_the_referrer_of_a_view_that_is_ignored(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        client.get("/hit.json", {"page": NAME})

        query = {"page": NAME, "from": "spam.example"}
        client.get("/hit.json", query, headers={"User-Agent": GOOGLEBOT})
        client.get("/hit.json", query, headers={"Sec-Purpose": "prefetch"})
        client.get("/hit.json", query | {"host": "localhost"})

        assert views(backend) == 1
        assert not backend.referrers(SITE)


class TestSettings:
    """What the owner decides."""

    def test_should_count_no_referrers_if_they_are_turned_off(self) -> None:
        client, backend = client_of(REFERRERS="false")

        client.get("/hit.json", {"page": NAME, "from": FROM})

        assert views(backend) == 1
        assert not backend.referrers(SITE)

    def test_should_count_referrers_beyond_the_limit_together(self) -> None:
        client, backend = client_of(MAX_REFERRERS="2")

        for origin in ("a", "b", "c", "d", "a", "c"):
            client.get("/hit.json", {"page": NAME, "from": f"{origin}.example"})

        assert views(backend) == 6
        expected = {"a.example": 2, "b.example": 1, OTHERS: 3}
        assert backend.referrers(SITE) == expected

    def test_should_read_the_settings(self) -> None:
        read = Settings.read(
            {"PAGE_TRACKER_REFERRERS": "false", "PAGE_TRACKER_MAX_REFERRERS": "7"}
        )

        assert Settings.read({}).rules.referrers
        assert Settings.read({}).limits.referrers_per_site == 1000
        assert read.rules == replace(Rules(), referrers=False)
        assert read.limits == Limits(referrers_per_site=7)

    @pytest.mark.parametrize(
        ("origin", "name"),
        [
            ("www.example.net", "blog.example"),
            ("example.net", "blog.example"),
            ("blog.example", "blog.example"),
            ("m.example.org", "www.example.org"),
            ("other.example", None),
            ("www.example.com", None),
        ],
    )
    def test_should_count_the_other_names_of_a_site_as_that_site(
        self, origin: str, name: str | None
    ) -> None:
        client, backend = client_of(
            SAME_SITES="www.example.net=blog.example,example.net=blog.example,"
            "other.example=example.com,example.org=www.example.org"
        )

        client.get("/hit.json", {"page": NAME, "from": origin})

        assert backend.referrers(SITE) == ({name: 1} if name else {})


class TestNames:
    """The names of referrers."""

    @pytest.mark.parametrize(("origin", "name"), FOLDED)
    def test_should_have_one_name_for_hosts_that_belong_together(
        self, origin: str, name: str
    ) -> None:
        assert Naming().referrer(origin, SITE) == name

    @pytest.mark.parametrize("text", SPELLED)
    def test_should_keep_only_the_host(self, text: str) -> None:
        assert Naming().referrer(text, SITE) == "example.org"

    def test_should_write_a_host_as_sites_are(self) -> None:
        name = Naming().referrer("https://Bücher.example/", SITE)

        assert name == "xn--bcher-kva.example"

    @pytest.mark.parametrize("text", UNKNOWN)
    def test_should_not_know_what_is_no_public_host(self, text: str) -> None:
        assert Naming().referrer(text, SITE) is None

    @pytest.mark.parametrize(
        "site", ["example.com", "www.example.com", "m.example.com"]
    )
    @pytest.mark.parametrize("port", ["", ":8443"])
    @pytest.mark.parametrize(
        "text", ["example.com", "https://www.example.com/a", "m.example.com:8000"]
    )
    def test_should_not_take_a_site_for_its_own_referrer(
        self, site: str, port: str, text: str
    ) -> None:
        assert Naming().referrer(text, f"{site}{port}") is None

    def test_should_take_other_hosts_of_a_domain_for_referrers(self) -> None:
        assert Naming().referrer("blog.example.com", SITE) == "blog.example.com"
