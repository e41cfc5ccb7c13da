"""Tests of counting and showing pages in every format."""

import json

import pytest
from webtest import TestApp

from page_tracker import (
    MemoryBackend,
    Rules,
    View,
)
from tests.unit.pages import (
    NAME,
    PAGE,
    PIXEL,
    READING,
    client_with,
    reason,
    views,
)


class TestFormats:
    """Routes that count, and routes that only show, in each format."""

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
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
        )
        assert reason(shown) == "hits: 1"

    def test_should_count_and_send_a_pixel(
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

    def test_should_show_zeros_for_an_unknown_page(self, client: TestApp) -> None:
        assert client.get("/views.json", {"page": NAME}).json == {
            "page": NAME,
            "views": 0,
            "site": "example.com",
            "site_views": 0,
            "site_visitors_today": 0,
        }

    def test_should_write_json_for_shields(self, client: TestApp) -> None:
        client.get("/hit.gif", {"page": NAME})

        shown = client.get("/views.shields.json", {"page": NAME, "base": "1000"})

        assert (shown.json["schemaVersion"], shown.json["message"]) == (1, "1,001")


class TestNamespaces:
    """Pages named by a namespace and a key, as in CountAPI and Abacus."""

    def test_should_count_and_show_the_value(self, client: TestApp) -> None:
        for value in (1, 2):
            assert client.get("/hit/mysite.com/visits").json == {"value": value}
        assert client.get("/get/mysite.com/visits").json == {"value": 2}
        assert client.get("/get/mysite.com/other").json == {"value": 0}

    def test_should_share_counts_with_the_other_routes(self, client: TestApp) -> None:
        client.post("/hit/mysite.com/visits")

        assert client.get("/views.txt", {"page": "mysite.com/visits"}).text == "1\n"

    @pytest.mark.parametrize("namespace", ["abc", "n" * 63])
    @pytest.mark.parametrize("key", ["abc", "k" * 64])
    def test_should_accept_the_shortest_and_the_longest_names(
        self, client: TestApp, namespace: str, key: str
    ) -> None:
        assert client.get(f"/hit/{namespace}/{key}").json == {"value": 1}

    @pytest.mark.parametrize(
        "path",
        [
            *("/hit/ab/key", f"/hit/{'n' * 64}/key"),
            *("/hit/name/ab", f"/get/name/{'k' * 65}"),
            "/get/name/a%20b",
        ],
    )
    def test_should_say_what_is_allowed(self, client: TestApp, path: str) -> None:
        assert reason(client.get(path, status=400)) == (
            "namespace or key is not valid; allowed: 3 to 63 characters for the "
            "namespace and 3 to 64 for the key, of A-Z a-z 0-9 _ . -"
        )

    def test_should_refuse_a_namespace_that_is_not_a_host(
        self, client: TestApp
    ) -> None:
        answer = client.get("/hit/a..b/visits", status=400)

        assert reason(answer).startswith("namespace: the host 'a..b'")

    @pytest.mark.parametrize("path", ["/hit/name", "/hit/name/key/x", "/get//key"])
    def test_should_not_find_other_paths(self, client: TestApp, path: str) -> None:
        client.get(path, status=404)


def test_should_write_integers(client: TestApp) -> None:
    shown = client.get("/hit.json", {"page": NAME})

    assert all(
        isinstance(value, int)
        for name, value in json.loads(shown.text).items()
        if name not in ("page", "site")
    )


class TestBasePath:
    """A tracker below a base path, which a proxy may or may not remove."""

    @pytest.mark.parametrize("prefix", ["/counter", ""])
    def test_should_be_optional_in_requests(self, prefix: str) -> None:
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
