"""Tests of counting and showing pages over HTTP."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4
from xml.etree import ElementTree

import pytest
import requests

from tests.counting import TIMEOUT_S

CLIENTS, VIEWS = 16, 25
SITE = "page-tracker.example"


@pytest.fixture(name="page")
def fixture_page() -> str:
    """The name of a new page, on a site that all runs use."""
    return f"{SITE}/{uuid4()}"


def ask(app_url: str, route: str, page: str, **options: str) -> requests.Response:
    """Send one GET request for a page."""
    query = {"page": page, **options}
    return requests.get(f"{app_url}{route}", query, timeout=TIMEOUT_S)


def test_should_count_in_every_format(app_url: str, page: str) -> None:
    assert ask(app_url, "/hit.json", page).json()["views"] == 1
    assert ask(app_url, "/hit.txt", f"https://{page}?x=y#z").text == "2\n"
    badge = ElementTree.fromstring(ask(app_url, "/hit.svg", page, label="hits").text)
    assert badge.get("aria-label") == "hits: 3"
    assert ask(app_url, "/hit.gif", page).content.startswith(b"GIF89a")
    posted = requests.post(
        f"{app_url}/hit.json", data={"page": page}, timeout=TIMEOUT_S
    )
    assert posted.json()["views"] == 5


def test_should_show_without_counting(app_url: str, page: str) -> None:
    ask(app_url, "/hit.gif", page)

    for route in ("/views.json", "/views.txt", "/views.svg", "/views.shields.json"):
        assert ask(app_url, route, page).status_code == 200
        url = f"{app_url}{route}?page={page}"
        assert requests.head(url, timeout=TIMEOUT_S).status_code == 200
        assert requests.options(url, timeout=TIMEOUT_S).status_code == 204

    assert ask(app_url, "/views.txt", page).text == "1\n"


def test_should_count_by_namespace_and_key(app_url: str) -> None:
    name = f"{SITE}/{uuid4()}"

    counted = requests.get(f"{app_url}/hit/{name}", timeout=TIMEOUT_S)
    shown = requests.get(f"{app_url}/get/{name}", timeout=TIMEOUT_S)

    assert counted.json() == shown.json() == {"value": 1}


def test_should_assign_each_number_once_to_concurrent_clients(
    app_url: str, page: str
) -> None:
    before = ask(app_url, "/views.json", page).json()["site_views"]

    def count(client: int) -> list[tuple[int, int]]:
        with requests.Session() as session:
            session.headers["User-Agent"] = f"client {client}"
            url = f"{app_url}/hit.json?page={page}/{client % 4}"
            answers = [session.get(url, timeout=TIMEOUT_S).json() for _ in range(VIEWS)]
        return [(answer["site_views"], answer["views"]) for answer in answers]

    with ThreadPoolExecutor(CLIENTS) as pool:
        numbers = [pair for pairs in pool.map(count, range(CLIENTS)) for pair in pairs]

    expected = range(before + 1, before + CLIENTS * VIEWS + 1)
    assert sorted(n for n, _ in numbers) == list(expected)
    in_each_page = sorted(4 * list(range(1, CLIENTS * VIEWS // 4 + 1)))
    assert sorted(n for _, n in numbers) == in_each_page
    shown = ask(app_url, "/views.json", page).json()
    assert shown["site_views"] == before + CLIENTS * VIEWS
    assert shown["site_visitors_today"] >= CLIENTS - 1


def test_should_ignore_crawlers(app_url: str, page: str) -> None:
    ask(app_url, "/hit.json", page)

    ignored = requests.get(
        f"{app_url}/hit.txt",
        {"page": page},
        headers={"User-Agent": "Googlebot/2.1"},
        timeout=TIMEOUT_S,
    )

    assert ignored.text == "1\n"
    assert ignored.headers["Page-Tracker-Ignored"] == "crawler"


def test_should_serve_the_script(app_url: str) -> None:
    script = requests.get(f"{app_url}/track.js", timeout=TIMEOUT_S)

    assert len(script.content) <= 2048
    again = requests.get(
        f"{app_url}/track.js",
        headers={"If-None-Match": script.headers["ETag"]},
        timeout=TIMEOUT_S,
    )
    assert (again.status_code, again.content) == (304, b"")
