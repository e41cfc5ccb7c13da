"""Tests of methods, forms and headers of the routes that count and show pages."""

from collections.abc import Callable
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import (
    Ignored,
    Limits,
    MemoryBackend,
    Rules,
    create_app,
)
from tests.unit.pages import (
    COUNTING,
    GOOGLEBOT,
    NAME,
    NEVER_CACHED,
    READING,
    client_with,
    reason,
    status_of,
    views,
)


def status_of_form(client: TestApp, **environ: object) -> int:
    """Post a form with an unusual WSGI environ. Return the status of the response."""
    statuses: list[str] = []

    def start_response(status: str, *_: object) -> Callable[[bytes], object]:
        statuses.append(status)
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
    return int(statuses[0].split()[0])


class TestMethods:
    """GET and POST count; nothing else does."""

    @pytest.mark.parametrize("route", COUNTING)
    def test_should_count_a_post_with_a_query(
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
    def test_should_count_a_posted_form(
        self, client: TestApp, backend: MemoryBackend, content_type: str
    ) -> None:
        client.post("/hit.txt", f"page={NAME}", content_type=content_type)

        assert views(backend) == 1

    def test_should_not_read_a_body_that_is_not_a_form(self, client: TestApp) -> None:
        answer = client.post_json("/hit.json", {"page": NAME}, status=400)

        assert "application/x-www-form-urlencoded" in reason(answer)
        assert client.post_json(f"/hit.json?page={NAME}", {}).json["views"] == 1

    def test_should_not_read_a_body_of_unknown_length(self, client: TestApp) -> None:
        class Endless:
            """A body of unknown length."""

            def read(self, _size: int) -> NoReturn:
                """Wait forever."""
                raise AssertionError("this would wait forever")

        assert status_of_form(client, **{"wsgi.input": Endless()}) == 200

    @pytest.mark.parametrize("length", ["abc", "-1", "1_0", "9" * 5000])
    def test_should_refuse_a_length_that_is_not_a_number(
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
        assert answer.status_int == known.get(method, status_of(route, 405))
        assert views(backend) == 0

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    def test_should_refuse_a_method_in_the_format_of_the_route(
        self, client: TestApp, route: str
    ) -> None:
        get = client.get(route, {"page": NAME})
        put = client.put(f"{route}?page={NAME}", status=status_of(route, 405))

        assert put.content_type == get.content_type
        assert put.headers["Allow"].startswith("GET, HEAD")
        for name in ("Access-Control-Allow-Origin", "Cache-Control", "X-Robots-Tag"):
            assert put.headers[name] == get.headers[name]

    @pytest.mark.parametrize("route", READING)
    def test_should_refuse_a_post_to_read(self, client: TestApp, route: str) -> None:
        answer = client.post(route, {"page": NAME}, status=status_of(route, 405))

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
    """Every origin may send requests, and no cache may store a count."""

    @pytest.mark.parametrize("route", COUNTING)
    def test_should_forbid_every_cache(self, client: TestApp, route: str) -> None:
        for page in (NAME, ""):
            headers = client.get(route, {"page": page}, status="*").headers
            assert headers["Cache-Control"] == NEVER_CACHED
            assert headers["Expires"] == "0"

    @pytest.mark.parametrize("route", READING)
    def test_should_let_numbers_be_cached_for_the_configured_time(
        self, route: str
    ) -> None:
        rarely = client_with(read_cache_s=60)

        read = rarely.get(route, {"page": NAME}).headers
        refused = rarely.get(route, status=status_of(route, 400)).headers
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
    """Ignored views: the response has the number, and the reason in a header."""

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
        assert backend.ignored("example.com", [today]) == {Ignored.CRAWLER: 1}

    def test_should_give_the_reason_on_the_front_page(self, client: TestApp) -> None:
        client.get("/")

        ignored = client.get("/", headers={"Sec-Purpose": "prefetch"})

        assert ignored.text == "This page has been seen 1 times."
        assert ignored.headers["Page-Tracker-Ignored"] == "prefetch"

    def test_should_ignore_repeats_except_from_the_proxy_of_github(self) -> None:
        backend = MemoryBackend(limits=Limits(repeats_s=60))
        client = TestApp(create_app(backend=backend))
        camo = {"User-Agent": "github-camo (876de43e)"}

        readers = [client.get("/hit.txt", {"page": NAME}) for _ in range(2)]
        proxied = [client.get("/hit.txt", {"page": NAME}, camo) for _ in range(2)]

        assert [answer.text for answer in readers] == ["1\n", "1\n"]
        assert readers[1].headers["Page-Tracker-Ignored"] == "repeat"
        assert [answer.text for answer in proxied] == ["2\n", "3\n"]
