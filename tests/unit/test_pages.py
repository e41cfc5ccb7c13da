"""The pages of other people, counted in memory and shown in every format."""

import json
from collections.abc import Callable
from typing import Any, NoReturn
from xml.etree import ElementTree

import pytest
from webtest import TestApp, TestResponse

from page_tracker import (
    BackendError,
    Ignored,
    Limits,
    MemoryBackend,
    Page,
    Rules,
    View,
    create_app,
)
from page_tracker.backends.protocol import BackendOverloadedError
from page_tracker.formats.plain import as_pixel
from page_tracker.model import Tally

PAGE = Page("example.com", "/blog/post")
NAME = "example.com/blog/post"
COUNTING = ["/hit.json", "/hit.txt", "/hit.svg", "/hit.gif"]
READING = ["/views.json", "/views.txt", "/views.svg", "/views.shields.json"]
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
NEVER_CACHED = "no-store, no-cache, max-age=0, must-revalidate"
PIXEL = as_pixel(PAGE, Tally(0, 0, 0))


@pytest.fixture(name="backend")
def fixture_backend() -> MemoryBackend:
    return MemoryBackend()


@pytest.fixture(name="client")
def fixture_client(backend: MemoryBackend) -> TestApp:
    return TestApp(create_app(backend=backend))


def client_with(**rules: Any) -> TestApp:
    """A tracker of its own, with these rules."""
    return TestApp(create_app(backend=MemoryBackend(), rules=Rules(**rules)))


def views(backend: MemoryBackend, page: Page = PAGE) -> int:
    """Return how many views of a page are counted."""
    return backend.tally(page, Rules().today()).page_views


def reason(response: TestResponse) -> str:
    """Return why there is no number, from an answer in any format that tells it."""
    match response.content_type:
        case "application/json":
            return str(response.json["error"])
        case "image/svg+xml":
            return str(ElementTree.fromstring(response.body).get("aria-label"))
        case _:
            return response.text.removesuffix("\n")


def status_of_form(client: TestApp, **environ: object) -> int:
    """Post a form as no server should pass it on; return the status of the answer."""
    told: list[str] = []

    def start_response(status: str, *_: object) -> Callable[[bytes], object]:
        told.append(status)
        return lambda _: None

    client.app(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/hit.json",
            "QUERY_STRING": f"page={NAME}",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "wsgi.multiprocess": False,
            **environ,
        },
        start_response,
    )
    return int(told[0].split()[0])


class TestFormats:
    """What counts and what only shows, in each format."""

    def test_should_count_and_show_all_numbers_as_json(self, client: TestApp) -> None:
        client.get("/hit.json", {"page": "example.com/"})

        shown = client.get("/hit.json", {"page": f"https://{NAME}?utm_source=x#top"})

        assert shown.content_type == "application/json"
        assert shown.json == {
            "page": NAME,
            "views": 1,
            "site": "example.com",
            "site_views": 2,
            "site_visitors_today": 1,
        }

    def test_should_count_and_show_the_number_as_text(self, client: TestApp) -> None:
        answers = [client.get("/hit.txt", {"page": NAME}) for _ in range(2)]

        assert [answer.text for answer in answers] == ["1\n", "2\n"]
        assert answers[0].headers["Content-Type"] == "text/plain; charset=utf-8"

    def test_should_count_and_show_a_badge(self, client: TestApp) -> None:
        shown = client.get("/hit.svg", {"page": NAME, "label": "hits"})

        assert shown.content_type == "image/svg+xml"
        assert shown.headers["Content-Security-Policy"] == (
            "default-src 'none'; style-src 'unsafe-inline'"
        )
        assert reason(shown) == "hits: 1"

    def test_should_count_and_show_nothing(
        self, client: TestApp, backend: MemoryBackend
    ) -> None:
        shown = client.get("/hit.gif", {"page": NAME})

        assert shown.content_type == "image/gif"
        assert shown.body == PIXEL
        assert views(backend) == 1

    def test_should_be_one_transparent_pixel(self) -> None:
        assert PIXEL[:6] == b"GIF89a"
        assert PIXEL[6:10] == b"\x01\x00\x01\x00"
        assert PIXEL[-1:] == b";"

    @pytest.mark.parametrize("route", READING)
    def test_should_show_without_counting(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        backend.record(View(PAGE, Rules().today()))

        for _ in range(3):
            client.get(route, {"page": NAME})

        assert views(backend) == 1

    def test_should_show_zeros_of_what_was_never_seen(self, client: TestApp) -> None:
        assert client.get("/views.json", {"page": NAME}).json == {
            "page": NAME,
            "views": 0,
            "site": "example.com",
            "site_views": 0,
            "site_visitors_today": 0,
        }

    def test_should_tell_shields_what_to_draw(self, client: TestApp) -> None:
        client.get("/hit.gif", {"page": NAME})

        shown = client.get("/views.shields.json", {"page": NAME, "base": "1000"})

        assert (shown.json["schemaVersion"], shown.json["message"]) == (1, "1,001")


class TestNamespaces:
    """CountAPI and Abacus have pages named by a namespace and a key."""

    def test_should_count_and_show_the_value(self, client: TestApp) -> None:
        for value in (1, 2):
            assert client.get("/hit/mysite.com/visits").json == {"value": value}
        assert client.get("/get/mysite.com/visits").json == {"value": 2}
        assert client.get("/get/mysite.com/other").json == {"value": 0}

    def test_should_be_pages_like_all_others(self, client: TestApp) -> None:
        client.post("/hit/mysite.com/visits")

        assert client.get("/views.txt", {"page": "mysite.com/visits"}).text == "1\n"

    @pytest.mark.parametrize(
        "path",
        ["/hit/me/key", "/hit/name/k", "/get/name/a%20b", f"/hit/n.s/{'k' * 65}"],
    )
    def test_should_say_what_is_allowed(self, client: TestApp, path: str) -> None:
        assert reason(client.get(path, status=400)) == (
            "namespace and key: allowed are 3 to 63 and 3 to 64 of A-Z a-z 0-9 _ . -"
        )

    def test_should_refuse_a_namespace_that_is_no_host(self, client: TestApp) -> None:
        answer = client.get("/hit/a..b/visits", status=400)

        assert reason(answer).startswith("namespace: a host 'a..b'")

    @pytest.mark.parametrize("path", ["/hit/name", "/hit/name/key/x", "/get//key"])
    def test_should_not_be_found_otherwise(self, client: TestApp, path: str) -> None:
        client.get(path, status=404)


class TestMethods:
    """GET and POST count; nothing else does."""

    @pytest.mark.parametrize("route", COUNTING)
    def test_should_count_what_is_posted_in_the_query(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        client.post(f"{route}?page={NAME}")

        assert views(backend) == 1

    @pytest.mark.parametrize(
        "content_type",
        [
            "application/x-www-form-urlencoded",
            "application/x-www-form-urlencoded;charset=UTF-8",
            "Text/Plain;charset=UTF-8",
        ],
    )
    def test_should_count_what_is_posted_in_a_form(
        self, client: TestApp, backend: MemoryBackend, content_type: str
    ) -> None:
        client.post("/hit.txt", f"page={NAME}", content_type=content_type)

        assert views(backend) == 1

    def test_should_not_read_what_is_no_form(self, client: TestApp) -> None:
        answer = client.post_json("/hit.json", {"page": NAME}, status=400)

        assert "application/x-www-form-urlencoded" in reason(answer)
        assert client.post_json(f"/hit.json?page={NAME}", {}).json["views"] == 1

    def test_should_not_read_what_may_never_end(self, client: TestApp) -> None:
        class Endless:
            """A body of which nobody has said how long it is."""

            def read(self, _size: int) -> NoReturn:
                """Wait for ever."""
                raise AssertionError("this would wait for ever")

        assert status_of_form(client, **{"wsgi.input": Endless()}) == 200

    @pytest.mark.parametrize("length", ["abc", "-1", "1_0", "9" * 5000])
    def test_should_refuse_a_length_that_is_no_number(
        self, client: TestApp, length: str
    ) -> None:
        assert status_of_form(client, CONTENT_LENGTH=length) == 400

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    @pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
    def test_should_not_count(
        self, client: TestApp, backend: MemoryBackend, route: str, method: str
    ) -> None:
        answer = client.request(f"{route}?page={NAME}", method=method, status="*")

        known = {"HEAD": 200, "OPTIONS": 204}
        assert answer.status_int == known.get(method, 405)
        assert views(backend) == 0

    @pytest.mark.parametrize("route", READING)
    def test_should_not_take_a_form_to_read(self, client: TestApp, route: str) -> None:
        answer = client.post(route, {"page": NAME}, status=405)

        assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    def test_should_answer_head_with_the_headers_of_get(
        self, client: TestApp, route: str
    ) -> None:
        head = client.head(f"{route}?page={NAME}")
        get = client.get(f"{route}?page={NAME}")

        assert head.body == b""
        assert sorted(head.headerlist) == sorted(get.headerlist)


class TestHeaders:
    """Every origin may ask, and no cache may keep a count."""

    @pytest.mark.parametrize("route", COUNTING)
    def test_should_forbid_every_cache(self, client: TestApp, route: str) -> None:
        for page in (NAME, ""):
            headers = client.get(route, {"page": page}, status="*").headers
            assert headers["Cache-Control"] == NEVER_CACHED
            assert headers["Expires"] == "0"

    @pytest.mark.parametrize("route", READING)
    def test_should_let_numbers_be_cached_as_long_as_set(self, route: str) -> None:
        rarely = client_with(read_cache_s=60)

        read = rarely.get(route, {"page": NAME}).headers
        refused = rarely.get(route, status=400).headers
        fresh = client_with().get(route, {"page": NAME}).headers

        assert read["Cache-Control"] == "public, max-age=60"
        assert "Expires" not in read
        assert refused["Cache-Control"] == fresh["Cache-Control"] == NEVER_CACHED

    def test_should_never_let_a_count_be_cached(self) -> None:
        rarely = client_with(read_cache_s=60)

        for ask in (rarely.get, rarely.head):
            headers = ask(f"/hit.json?page={NAME}").headers
            assert headers["Cache-Control"] == NEVER_CACHED

    @pytest.mark.parametrize("route", [*COUNTING, *READING, "/hit/name/key"])
    @pytest.mark.parametrize("page", [NAME, ""])
    def test_should_be_open_to_every_origin(
        self, client: TestApp, route: str, page: str
    ) -> None:
        headers = client.get(route, {"page": page}, status="*").headers

        assert headers["Access-Control-Allow-Origin"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers
        assert "Page-Tracker-Ignored" in headers["Access-Control-Expose-Headers"]
        assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    @pytest.mark.parametrize(
        ("route", "methods"),
        [("/hit.json", "GET, HEAD, POST"), ("/views.json", "GET, HEAD")],
    )
    def test_should_answer_preflights_for_a_day(
        self, client: TestApp, route: str, methods: str
    ) -> None:
        answer = client.options(route, status=204)

        assert answer.body == b""
        assert "Content-Type" not in answer.headers
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Allow-Methods"] == methods
        assert answer.headers["Access-Control-Allow-Headers"] == "*"
        assert answer.headers["Access-Control-Max-Age"] == "86400"
        assert answer.headers["Allow"] == f"{methods}, OPTIONS"


class TestIgnored:
    """What is not counted still gets the number, and is told so."""

    @pytest.mark.parametrize("route", [*COUNTING, "/hit/example.com/blog"])
    def test_should_say_why_a_view_is_not_counted(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        counted = client.get(route, {"page": NAME})
        bot = {"User-Agent": GOOGLEBOT}

        ignored = client.get(route, {"page": NAME}, headers=bot)

        assert "Page-Tracker-Ignored" not in counted.headers
        assert ignored.headers["Page-Tracker-Ignored"] == "crawler"
        assert ignored.body == counted.body
        today = Rules().today()
        assert backend.ignored("example.com", today) == {Ignored.CRAWLER: 1}

    def test_should_say_so_on_the_front_page(self, client: TestApp) -> None:
        client.get("/")

        ignored = client.get("/", headers={"Sec-Purpose": "prefetch"})

        assert ignored.text == "This page has been seen 1 times."
        assert ignored.headers["Page-Tracker-Ignored"] == "prefetch"

    def test_should_not_count_repeats_but_those_of_the_proxy_of_github(self) -> None:
        backend = MemoryBackend(limits=Limits(repeats_s=60))
        client = TestApp(create_app(backend=backend))
        camo = {"User-Agent": "github-camo (876de43e)"}

        readers = [client.get("/hit.txt", {"page": NAME}) for _ in range(2)]
        proxied = [client.get("/hit.txt", {"page": NAME}, camo) for _ in range(2)]

        assert [answer.text for answer in readers] == ["1\n", "1\n"]
        assert readers[1].headers["Page-Tracker-Ignored"] == "repeat"
        assert [answer.text for answer in proxied] == ["2\n", "3\n"]


class TestErrors:
    """They say what was wrong and what is allowed, and nothing is counted."""

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    @pytest.mark.parametrize(
        ("query", "told"),
        [
            ("", "page: missing; allowed: a name such as example.com/blog/post"),
            ("page=", "page: missing"),
            ("page=a.b&page=a.b", "page: given 2 times; allowed: 1"),
            ("page=/", "page: a host ''; allowed: a name such as example.com"),
            ("page=a%00b", "page: a control character in it; allowed: none"),
            ("page=%FF", "the query is not valid UTF-8"),
            ("page=a.b&" + "x=1&" * 32, "the query has too many parameters"),
        ],
    )
    def test_should_say_what_is_wrong(
        self,
        client: TestApp,
        backend: MemoryBackend,
        route: str,
        query: str,
        told: str,
    ) -> None:
        answer = client.get(f"{route}?{query}", status=400)

        if answer.content_type == "image/gif":
            assert answer.body == PIXEL
        elif route == "/views.shields.json":
            assert answer.json["isError"] is True
        else:
            assert reason(answer).startswith(told)
        assert views(backend, Page("a.b", "/")) == 0

    @pytest.mark.parametrize("route", ["/hit.svg", "/views.svg", "/views.shields.json"])
    def test_should_not_count_for_a_wrong_option(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        client.get(route, {"page": NAME, "style": "round"}, status=400)
        client.get(f"{route}?page={NAME}&style=flat&style=flat", status=400)

        assert views(backend) == 0

    def test_should_ignore_what_it_does_not_know(self, client: TestApp) -> None:
        answer = client.get(f"/hit.txt?page={NAME}&_=1&_=2&style=round")

        assert answer.text == "1\n"

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("example.com/", 200),
            ("EXAMPLE.com:443/", 200),
            ("example.com:8000/", 403),
            ("www.example.com/", 403),
            ("example.org/", 403),
            ("a.example.org/", 200),
            ("a.b.example.org/", 200),
            ("badexample.org/", 403),
        ],
    )
    def test_should_count_no_sites_but_those_that_are_set(
        self, name: str, status: int
    ) -> None:
        client = client_with(sites=frozenset(["example.com", "*.example.org"]))

        for route in ("/hit.json", "/views.json"):
            answer = client.get(route, {"page": name}, status=status)
            if status == 403:
                assert reason(answer).endswith(
                    "is not counted here: PAGE_TRACKER_SITES does not have it"
                )
        assert client.get("/").text == "This page has been seen 1 times."

    def test_should_name_the_limit_that_is_reached(self) -> None:
        limits = Limits(pages_per_site=1, sites=1)
        client = TestApp(create_app(backend=MemoryBackend(limits=limits)))
        client.get("/hit.json", {"page": NAME})

        page = client.get("/hit.json", {"page": "example.com/x"}, status=403)
        site = client.get("/hit.svg", {"page": "example.org"}, status=403)

        assert reason(page) == (
            "PAGE_TRACKER_MAX_PAGES allows for no more than 1 pages, and example.com "
            "has as many; these go on being counted"
        )
        assert reason(site).startswith(
            "PAGE_TRACKER_MAX_SITES allows for no more than 1"
        )
        assert client.get("/hit.txt", {"page": NAME}).text == "2\n"

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    @pytest.mark.parametrize(
        ("error", "status", "told"),
        [
            (BackendOverloadedError("too many"), 503, "too many ask at once"),
            (BackendError("redis://secret"), 503, "the counts cannot be had now"),
            (RuntimeError("secret"), 500, "something went wrong"),
        ],
    )
    def test_should_never_make_up_a_number(
        self, route: str, error: Exception, status: int, told: str
    ) -> None:
        class Broken(MemoryBackend):
            """A backend that cannot answer."""

            def record(self, view: View) -> NoReturn:
                raise error

            def tally(self, page: Page, day: object) -> NoReturn:
                raise error

        client = TestApp(create_app(backend=Broken()))

        answer = client.get(route, {"page": NAME}, status=status)

        assert "secret" not in answer.body.decode("latin-1")
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        policy = answer.headers["Content-Security-Policy"]
        assert ("style-src" in policy) == (answer.content_type == "image/svg+xml")
        assert ("Retry-After" in answer.headers) == (status == 503)
        if answer.content_type == "image/gif":
            assert answer.body == PIXEL
        elif route == "/views.shields.json":
            assert answer.json["message"] == "unavailable"
        else:
            assert reason(answer) == told


class TestBasePath:
    """The tracker may be hosted below a path, which may come with a request or not."""

    @pytest.mark.parametrize("prefix", ["/counter", ""])
    def test_should_be_left_out(self, prefix: str) -> None:
        client = client_with(base_path="/counter")

        assert client.get(f"{prefix}/hit.txt", {"page": NAME}).text == "1\n"
        assert client.get(f"{prefix}/hit/name/key").json == {"value": 1}
        assert client.get(f"{prefix}/").text == "This page has been seen 1 times."

    def test_should_be_in_every_link(self) -> None:
        client = client_with(base_path="/counter")

        assert "/counter/hit.json" in client.get("/x", status=404).text
        assert "/counter/hit.json" in client.put("/hit.json", status=405).text
        client.get("/counterfeit/hit.json", status=404)
        assert client.get("/counter").text == "This page has been seen 1 times."


@pytest.mark.parametrize(
    ("rules", "limits", "told"),
    [
        (Rules(), Limits(sites=0), "PAGE_TRACKER_MAX_SITES allows for no more than 0"),
        (Rules(sites=frozenset(["a.b"])), Limits(), "example.com is not counted here"),
    ],
)
def test_should_log_what_the_owner_may_not_have_meant(
    rules: Rules, limits: Limits, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    backend = MemoryBackend(limits=limits)
    client = TestApp(create_app(backend=backend, rules=rules))

    for _ in range(3):
        client.get("/hit.json", {"page": NAME}, status=403)

    (record,) = caplog.records
    assert record.message.startswith(f"Not counted: {told}")


def test_should_log_no_mistake_of_a_client(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/hit.json", {"page": "\x00"}, status=400)
    client.get("/hit.svg", {"page": NAME, "style": "round"}, status=400)

    assert not caplog.records


def test_should_keep_the_style_of_a_badge_that_has_no_number(client: TestApp) -> None:
    wanted = {"page": "/", "style": "for-the-badge", "label": "hits"}

    styled = client.get("/hit.svg", wanted, status=400)
    wrong = client.get("/hit.svg", wanted | {"style": "round"}, status=400)

    assert b'height="28"' in styled.body and b">HITS<" in styled.body
    assert b'height="20"' in wrong.body and b">views<" in wrong.body


def test_should_write_integers(client: TestApp) -> None:
    shown = client.get("/hit.json", {"page": NAME})

    assert all(
        isinstance(value, int)
        for name, value in json.loads(shown.text).items()
        if name not in ("page", "site")
    )
