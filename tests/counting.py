"""Counting with many clients at once."""

import re
from concurrent.futures import ThreadPoolExecutor

import requests

TIMEOUT_S = 5.0


def see(url: str, session: requests.Session | None = None) -> int:
    """View the front page once, and return the number that it shows."""
    response = (session or requests).get(f"{url}/", timeout=TIMEOUT_S)
    assert response.status_code == 200, response.text
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
