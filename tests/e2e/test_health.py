"""Being alive and ready over HTTP."""

import requests

from tests.counting import TIMEOUT_S, see


def test_should_live_and_be_ready_and_count_neither(app_url: str) -> None:
    first = see(app_url)

    alive = requests.get(f"{app_url}/healthz", timeout=TIMEOUT_S)
    ready = requests.get(f"{app_url}/readyz", timeout=TIMEOUT_S)

    assert (alive.status_code, alive.text) == (200, "ok\n")
    assert ready.status_code == 200
    assert ready.json()["ready"] is True
    assert ready.json()["backend"] == "redis"
    assert see(app_url) == first + 1
