"""Clients that view the front page, and checks of what was counted."""

import re
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Self

import requests
from redis import Redis
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from tests.servers import wait_until

TIMEOUT_S = 10.0


def view_front_page(url: str, session: requests.Session | None = None) -> int:
    """View the front page once, and return the number that it shows."""
    response = (session or requests).get(f"{url}/", timeout=TIMEOUT_S)
    assert response.status_code == 200, f"{response.status_code} {response.text}"
    shown = re.fullmatch(r"This page has been seen (\d+) times\.", response.text)
    assert shown, response.text
    return int(shown[1])


def view_front_page_concurrently(url: str, clients: int, views: int) -> list[int]:
    """View the front page several times with each client, and return all numbers."""

    def view_repeatedly(_: int) -> list[int]:
        with requests.Session() as session:
            return [view_front_page(url, session) for _ in range(views)]

    with ThreadPoolExecutor(clients) as pool:
        return [
            n for numbers in pool.map(view_repeatedly, range(clients)) for n in numbers
        ]


def stored_views(redis_url: str, site: str = "") -> int:
    """Return the number of views of a site in Redis."""
    with Redis.from_url(redis_url) as client:
        stored = client.get(f"page_views:{site}" if site else "page_views")
    assert isinstance(stored, bytes)
    return int(stored)


class Outcome:
    """The results of views."""

    def __init__(self) -> None:
        self.numbers: list[int] = []
        """The numbers of the views that succeeded."""

        self.failures: list[Exception] = []
        """The errors of the views that failed, except refused connections."""

        self.refusals: list[Exception] = []
        """The errors of the views that failed because a connection was refused."""

    def assert_counted(self, views: int) -> None:
        """Fail if this number of counted views does not match the results.

        Each view that succeeded is counted once, and each that failed at most once.
        """
        succeeded = len(self.numbers)
        assert len(set(self.numbers)) == succeeded
        assert succeeded <= views <= succeeded + len(self.failures)


class Load(Outcome):
    """Clients that view the front page repeatedly until the block ends."""

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

    def wait_for_views(self, more: int = 100) -> None:
        """Wait until this many more views have succeeded.

        A killed container can leave every client with a connection that never answers,
        until its timeout.
        """
        wanted = len(self.numbers) + more
        wait_until(lambda: len(self.numbers) >= wanted, "views")

    def _view(self) -> None:
        with requests.Session() as session:
            while not self._over.is_set():
                try:
                    self.numbers.append(view_front_page(self._url, session))
                except (requests.RequestException, AssertionError) as error:
                    errors = self.refusals if _is_refusal(error) else self.failures
                    errors.append(error)
                    self._over.wait(0.01)


def is_reset(error: Exception) -> bool:
    """Return whether the connection was reset before the request was answered."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, ProtocolError) and isinstance(
        cause.args[-1], ConnectionResetError
    )


def _is_refusal(error: Exception) -> bool:
    """Return whether the connection was refused."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(
        cause.reason, NewConnectionError
    )
