"""Tests of errors of the routes that count and show pages."""

from html import unescape
from typing import NoReturn

import pytest
from webtest import TestApp

from page_tracker import (
    BackendError,
    Limits,
    MemoryBackend,
    Page,
    Rules,
    View,
    create_app,
)
from page_tracker.backends.protocol import BackendOverloadedError
from tests.unit.pages import (
    COUNTING,
    NAME,
    NEVER_CACHED,
    PIXEL,
    READING,
    client_with,
    reason,
    status_of,
    views,
)


class TestErrors:
    """Errors say what was wrong and what is allowed, and nothing is counted."""

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    @pytest.mark.parametrize(
        ("query", "message"),
        [
            ("", "page is missing; allowed: a name such as example.com/blog/post"),
            ("page=", "page is missing"),
            (
                "page=/",
                "page: the host is missing; allowed: a name such as example.com",
            ),
            ("page=a%00b", "page: the host 'a\\x00b' is not valid; allowed: a name"),
            ("page=%FF", "page: the host '%FF' is not valid; allowed: a name"),
            ("page=a.b&" + "x=1&" * 32, "the query has too many parameters"),
        ],
    )
    def test_should_say_what_is_wrong(
        self,
        client: TestApp,
        backend: MemoryBackend,
        route: str,
        query: str,
        message: str,
    ) -> None:
        answer = client.get(f"{route}?{query}", status=status_of(route, 400))

        if answer.content_type == "image/gif":
            assert answer.body == PIXEL
            assert answer.headers["Page-Tracker-Error"].startswith(message)
        elif route == "/views.shields.json":
            assert answer.json["isError"] is True
        else:
            assert reason(answer).startswith(message)
        assert views(backend, Page("a.b", "/")) == 0

    @pytest.mark.parametrize(
        "route", [*COUNTING, *(each for each in READING if each != "/views.json")]
    )
    def test_should_refuse_several_pages(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        answer = client.get(f"{route}?page=a.b&page=a.b", status="*")

        assert answer.status_int == status_of(route, 400)
        if answer.content_type == "application/json":
            assert "page is given 2 times; allowed: once" in answer.text or (
                answer.json.get("isError")
            )
        assert views(backend, Page("a.b", "/")) == 0

    @pytest.mark.parametrize("route", ["/hit.svg", "/views.svg", "/views.shields.json"])
    def test_should_not_count_with_a_wrong_option(
        self, client: TestApp, backend: MemoryBackend, route: str
    ) -> None:
        status = status_of(route, 400)
        for wrong in ("style=round", "style=flat&style=flat", "colour=red"):
            client.get(f"{route}?page={NAME}&{wrong}", status=status)

        assert views(backend) == 0

    @pytest.mark.parametrize("route", ["/hit.svg", "/hit.gif"])
    def test_should_send_the_reason_with_an_image(
        self, client: TestApp, route: str
    ) -> None:
        answer = client.get(route, {"page": "/\u00e9\u2028x"})

        assert answer.headers["Page-Tracker-Error"].startswith("page: the host is")
        assert answer.headers["Page-Tracker-Error"].isascii()
        exposed = answer.headers["Access-Control-Expose-Headers"]
        assert "Page-Tracker-Error" in exposed
        assert answer.headers["Cache-Control"] == NEVER_CACHED

    @pytest.mark.parametrize("route", ["/hit.gif", "/hit.svg"])
    def test_should_show_failed_images_in_the_metrics(self, route: str) -> None:
        client = client_with(token="secret")
        client.get(route)

        client.authorization = ("Bearer", "secret")
        shown = client.get("/metrics").text

        assert f'route="{route}",status="4xx"}} 1' in shown

    @pytest.mark.parametrize(
        ("parameter", "advice"),
        [
            ("colour=red", "'colour' is not an option (did you mean color?)"),
            ("labelColor=red", "'labelColor' is not an option (did you mean label_co"),
            ("Style=flat", "'Style' is not an option (did you mean style?)"),
            (
                "xyz=",
                "'xyz' is not an option; allowed: page, from, abbreviate, base, color",
            ),
            ("%E9", "'%E9' is not an option; allowed: page"),
        ],
    )
    def test_should_name_an_unknown_option(
        self, client: TestApp, parameter: str, advice: str
    ) -> None:
        for route in ("/hit.svg", "/views.shields.json"):
            answer = client.get(
                f"{route}?page={NAME}&{parameter}", status=status_of(route, 400)
            )

            assert advice.partition(";")[0] in unescape(answer.text)
        assert (
            advice
            in client.get(f"/hit.svg?{parameter}&page={NAME}").headers[
                "Page-Tracker-Error"
            ]
        )

    @pytest.mark.parametrize("buster", ["v=1", "_=2", "t=now", "1764000000=", "7"])
    def test_should_count_with_a_cache_buster(
        self, client: TestApp, backend: MemoryBackend, buster: str
    ) -> None:
        client.get(f"/hit.svg?page={NAME}&{buster}")

        assert views(backend) == 1

    def test_should_ignore_unknown_parameters(self, client: TestApp) -> None:
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
    def test_should_count_only_the_sites_that_are_set(
        self, name: str, status: int
    ) -> None:
        client = client_with(sites=frozenset(["example.com", "*.example.org"]))

        for route in ("/hit.json", "/views.json"):
            answer = client.get(route, {"page": name}, status=status)
            if status == 403:
                assert reason(answer).endswith(
                    "is not counted here: it is not in PAGE_TRACKER_SITES"
                )
        assert client.get("/").text == "This page has been seen 1 times."

    def test_should_name_a_site_that_is_not_set_as_people_write_it(self) -> None:
        client = client_with(sites=frozenset(["example.com"]))

        answer = client.get("/hit.json", {"page": "bücher.example/"}, status=403)

        assert reason(answer).startswith("bücher.example is not counted here: ")

    def test_should_name_the_limit_that_is_reached(self) -> None:
        limits = Limits(pages_per_site=1, sites=1)
        client = TestApp(create_app(backend=MemoryBackend(limits=limits)))
        client.get("/hit.json", {"page": NAME})

        page = client.get("/hit.json", {"page": "example.com/x"}, status=403)
        site = client.get("/hit.svg", {"page": "example.org"})

        assert reason(page) == (
            "PAGE_TRACKER_MAX_PAGES=1 allows no more pages of example.com; its known "
            "pages are still counted"
        )
        assert reason(site).startswith("PAGE_TRACKER_MAX_SITES=1 allows no more sites")
        assert client.get("/hit.txt", {"page": NAME}).text == "2\n"

    @pytest.mark.parametrize("route", [*COUNTING, *READING])
    @pytest.mark.parametrize(
        ("error", "status", "message"),
        [
            (BackendOverloadedError("too many"), 503, "too many requests at once"),
            (
                BackendError("redis://secret"),
                503,
                "the counts are temporarily unavailable",
            ),
            (RuntimeError("secret"), 500, "something went wrong"),
        ],
    )
    def test_should_show_an_error_and_not_a_number(
        self, route: str, error: Exception, status: int, message: str
    ) -> None:
        class Broken(MemoryBackend):
            """A backend whose operations fail."""

            def record(self, view: View) -> NoReturn:
                raise error

            def tally(self, page: Page, day: object) -> NoReturn:
                raise error

        client = TestApp(create_app(backend=Broken()))

        sent_as = status_of(route, status)
        answer = client.get(route, {"page": NAME}, status=sent_as)

        assert "secret" not in answer.body.decode("latin-1")
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        policy = answer.headers["Content-Security-Policy"]
        assert ("style-src" in policy) == (answer.content_type == "image/svg+xml")
        assert ("Retry-After" in answer.headers) == (status == 503)
        if answer.content_type == "image/gif":
            assert answer.body == PIXEL
        elif route == "/views.shields.json":
            assert answer.json["message"] == message
        else:
            assert reason(answer) == message


@pytest.mark.parametrize(
    ("rules", "limits", "message"),
    [
        (Rules(), Limits(sites=0), "PAGE_TRACKER_MAX_SITES=0 allows no more sites"),
        (Rules(sites=frozenset(["a.b"])), Limits(), "example.com is not counted here"),
    ],
)
def test_should_log_refusals_by_settings(
    rules: Rules, limits: Limits, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    backend = MemoryBackend(limits=limits)
    client = TestApp(create_app(backend=backend, rules=rules))

    for _ in range(3):
        client.get("/hit.json", {"page": NAME}, status=403)

    (record,) = caplog.records
    assert record.message.startswith(f"Not counted: {message}")


def test_should_not_log_mistakes_of_clients(
    client: TestApp, caplog: pytest.LogCaptureFixture
) -> None:
    client.get("/hit.json", {"page": "\x00"}, status=400)
    client.get("/hit.svg", {"page": NAME, "style": "round"})

    assert not caplog.records


def test_should_draw_errors_in_the_requested_style(client: TestApp) -> None:
    wanted = {"page": "/", "style": "for-the-badge", "label": "hits"}

    styled = client.get("/hit.svg", wanted)
    wrong = client.get("/hit.svg", wanted | {"style": "round"})

    assert b'height="28"' in styled.body and b">HITS<" in styled.body
    assert b'height="20"' in wrong.body and b">views<" in wrong.body
