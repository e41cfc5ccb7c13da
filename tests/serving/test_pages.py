"""Counting pages with several servers, and with clients that send unusual forms."""

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from uuid import uuid4

import pytest
import requests
from redis import Redis

from tests.conftest import StartTracker
from tests.counting import TIMEOUT_S
from tests.servers import RedisServer, connect, read_all

FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@pytest.fixture(name="url", scope="module")
def fixture_url(start_shared_tracker: StartTracker) -> str:
    """The URL of a tracker that counts in memory."""
    return start_shared_tracker(REDIS_URL="memory://").address()


def post(url: str, head: str, body: str) -> str:
    """Send a POST to /hit.txt over a new connection, and return the whole response."""
    with closing(connect(url)) as client:
        text = f"POST /hit.txt HTTP/1.1\r\nHost: x\r\n{FORM}{head}\r\n\r\n{body}"
        client.sendall(text.encode())
        return read_all(client)


def views(url: str) -> int:
    """Return the views of the page that the tests post."""
    return int(requests.get(f"{url}/views.txt?page=a.b", timeout=TIMEOUT_S).text)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("Content-Length: 8", "page=a.b"),
        ("Content-Length: 8\r\nExpect: 100-continue", "page=a.b"),
        ("Transfer-Encoding: chunked", "3\r\npag\r\n5\r\ne=a.b\r\n0\r\n\r\n"),
    ],
)
def test_should_count_a_posted_form(url: str, head: str, body: str) -> None:
    before = views(url)

    assert post(url, head, body).endswith(f"\r\n\r\n{before + 1}\n")


@pytest.mark.parametrize(
    ("head", "body", "answer"),
    [
        ("Content-Length: 20000", "page=a.b", "HTTP/1.1 413 "),
        (
            "Transfer-Encoding: chunked",
            f"{20000:x}\r\n{'x' * 20000}\r\n0\r\n\r\n",
            "HTTP/1.1 413 ",
        ),
        ("Transfer-Encoding: chunked", "zz\r\n", "HTTP/1.1 400 "),
        ("", "", "HTTP/1.1 400 "),
    ],
)
def test_should_refuse_a_form_that_is_too_large_or_not_valid(
    url: str, head: str, body: str, answer: str
) -> None:
    before = views(url)

    assert post(url, head, body).startswith(answer)
    assert views(url) == before


def test_should_limit_the_time_of_a_form(url: str) -> None:
    before = views(url)
    begun = time.monotonic()

    late = post(url, "Content-Length: 8", "page=")

    assert late.startswith("HTTP/1.1 408 ")
    assert late.endswith("the body took too long to arrive\n")
    assert time.monotonic() - begun < 10
    assert views(url) == before


def test_should_not_count_an_incomplete_form(url: str) -> None:
    before = views(url)

    with closing(connect(url)) as client:
        text = f"POST /hit.txt HTTP/1.1\r\nHost: x\r\n{FORM}Content-Length: 9\r\n\r\n"
        client.sendall(f"{text}page=a.b".encode())
        client.shutdown(socket.SHUT_WR)

        assert read_all(client).startswith("HTTP/1.1 400 ")

    assert views(url) == before


def test_should_answer_other_clients_while_forms_arrive_slowly(url: str) -> None:
    before = views(url)
    clients = [connect(url) for _ in range(100)]
    for client in clients:
        client.sendall(
            f"POST /hit.txt HTTP/1.1\r\nHost: x\r\n{FORM}Content-Length: 8\r\n\r\npage"
            "".encode()
        )

    begun = time.monotonic()
    assert views(url) == before
    assert time.monotonic() - begun < 4
    for client in clients:
        client.close()


def test_should_respect_its_limits_with_several_servers(
    start_tracker: StartTracker, own_redis: RedisServer
) -> None:
    variables = {
        "REDIS_URL": own_redis.url,
        "PAGE_TRACKER_MAX_PAGES": "5",
        "PAGE_TRACKER_MAX_SITES": "3",
    }
    urls = [start_tracker(**variables).address() for _ in range(2)]

    def count(number: int) -> tuple[str, int]:
        page = f"site{number % 6}.example/{number % 7}"
        url = f"{urls[number % 2]}/hit.txt?page={page}"
        return page, requests.get(url, timeout=TIMEOUT_S).status_code

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(count, range(840)))

    counted = [page for page, status in answers if status == 200]
    assert {status for _, status in answers} == {200, 403}
    assert len({page.partition("/")[0] for page in counted}) == 3
    assert len(set(counted)) == 15
    # Each page is requested equally often.
    assert len(counted) == 15 * 840 // 42
    with Redis.from_url(own_redis.url) as client:
        assert client.scard("{page_views}:sites") == 3
        stored = list(client.scan_iter("page_views:*"))
        assert sum(int(client.get(key) or 0) for key in stored) == len(counted)


def test_should_take_the_address_from_trusted_proxies(
    start_tracker: StartTracker,
) -> None:
    tracker = start_tracker(
        REDIS_URL="memory://",
        PAGE_TRACKER_TRUSTED_PROXIES="1",
        PAGE_TRACKER_IGNORE_IPS="198.51.100.0/24",
    )
    page = f"{uuid4()}.example"

    def visit(*forwarded: str) -> str:
        with closing(connect(tracker.address())) as client:
            lines = "".join(f"X-Forwarded-For: {hops}\r\n" for hops in forwarded)
            client.sendall(
                f"GET /hit.txt?page={page} HTTP/1.1\r\nHost: x\r\n{lines}"
                "Connection: close\r\n\r\n".encode()
            )
            return read_all(client)

    assert "Page-Tracker-Ignored:" not in visit("203.0.113.1")
    assert "Page-Tracker-Ignored:" not in visit("198.51.100.1, 203.0.113.2")
    assert "Page-Tracker-Ignored:" not in visit("198.51.100.1", "203.0.113.2")
    assert "Page-Tracker-Ignored: ignored-address" in visit(
        "203.0.113.1", "198.51.100.1"
    )
    numbers = requests.get(
        f"{tracker.address()}/views.json", {"page": page}, timeout=TIMEOUT_S
    ).json()
    assert (numbers["views"], numbers["site_visitors_today"]) == (3, 2)
