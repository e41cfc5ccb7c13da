"""Counting with many clients at once."""

import re
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Self

import requests
from redis import Redis
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from tests.servers import wait_until

TIMEOUT_S = 10.0


def see(url: str, session: requests.Session | None = None) -> int:
    """View the front page once, and return the number that it shows."""
    response = (session or requests).get(f"{url}/", timeout=TIMEOUT_S)
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    shown = re.fullmatch(r"This page has been seen (\d+) times\.", response.text)
    assert shown, response.text
    return int(shown[1])


def see_at_once(url: str, clients: int, views: int) -> list[int]:
    """View the front page with several clients, so often each; return the numbers."""

    def see_often(_: int) -> list[int]:
        with requests.Session() as session:
            return [see(url, session) for _ in range(views)]

    with ThreadPoolExecutor(clients) as pool:
        return [n for numbers in pool.map(see_often, range(clients)) for n in numbers]


def counted(redis_url: str, site: str = "") -> int:
    """Return how many views of a site Redis has counted."""
    with Redis.from_url(redis_url) as client:
        stored = client.get(f"page_views:{site}" if site else "page_views")
    assert isinstance(stored, bytes)
    return int(stored)


class Outcome:
    """What became of views."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        """Of the views that were answered."""

        self.failures: list[Exception] = []
        """Of the views that were not answered, though somebody took the request."""

    def assert_counted(self, views: int) -> None:
        """Fail unless the views counted meanwhile are those that were answered.

        Beside these, the failed ones may be among them, but none twice.
        """
        answered = len(self.numbers)
        assert len(set(self.numbers)) == answered
        assert answered <= views <= answered + len(self.failures)


class Load(Outcome):
    """Clients that view the front page again and again until the block ends."""

    def __init__(self, url: str, clients: int) -> None:
        super().__init__()
        self._url = url
        self._over = Event()
        self._pool = ThreadPoolExecutor(clients)
        self._clients: list[Future[None]] = []
        self._size = clients

    def __enter__(self) -> Self:
        self._clients = [self._pool.submit(self._view) for _ in range(self._size)]
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()
        for client in self._clients:
            client.result()

    def await_views(self, more: int = 100) -> None:
        """Wait until this many more views are answered.

        A killed container can leave every client with a connection that never answers,
        until its timeout.
        """
        wanted = len(self.numbers) + more
        patience_s = 2 * TIMEOUT_S
        wait_until(lambda: len(self.numbers) >= wanted, "views", patience_s=patience_s)

    def _view(self) -> None:
        with requests.Session() as session:
            while not self._over.is_set():
                try:
                    self.numbers.append(see(self._url, session))
                except (requests.RequestException, AssertionError) as error:
                    if not _is_refusal(error):
                        self.failures.append(error)
                    self._over.wait(0.01)


def is_reset(error: Exception) -> bool:
    """Tell whether the connection was reset before the request was answered."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, ProtocolError) and isinstance(
        cause.args[-1], ConnectionResetError
    )


def _is_refusal(error: Exception) -> bool:
    """Tell whether nobody was there to take the request."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, NewConnectionError
    )
