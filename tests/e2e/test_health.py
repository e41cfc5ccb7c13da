"""Tests of the health checks over HTTP."""

import requests

from tests.counting import TIMEOUT_S, view_front_page


def test_should_be_alive_and_ready_without_counting(app_url: str) -> None:
    first = view_front_page(app_url)

    alive = requests.get(f"{app_url}/healthz", timeout=TIMEOUT_S)
    ready = requests.get(f"{app_url}/readyz", timeout=TIMEOUT_S)

    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert ready.json()["backend"] == "redis"
    assert view_front_page(app_url) == first + 1
