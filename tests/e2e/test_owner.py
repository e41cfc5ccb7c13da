"""Tests that only the owner can use the owner's endpoints over HTTP."""

import pytest
import requests

from tests.counting import TIMEOUT_S, view_front_page

PATHS = [
    "/dashboard",
    "/api/sites",
    "/api/sites/~/pages",
    "/api/sites/~/referrers",
    "/api/sites/~/history",
    "/api/ignored",
    "/api/events",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_should_refuse_requests_without_the_token(
    app_url: str, path: str, method: str
) -> None:
    view_front_page(app_url)

    answer = requests.request(method, f"{app_url}{path}", timeout=TIMEOUT_S)

    # 403 if the tracker has no token.
    assert answer.status_code in (401, 403)
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "views" not in answer.text


def test_should_refuse_a_wrong_token(app_url: str) -> None:
    wrong = {"Authorization": "Bearer not-the-token-of-this-tracker"}

    answer = requests.get(f"{app_url}/api/sites", headers=wrong, timeout=TIMEOUT_S)

    assert answer.status_code in (401, 403)


def test_should_redirect_to_the_dashboard(app_url: str) -> None:
    answer = requests.get(
        f"{app_url}/dashboard/", allow_redirects=False, timeout=TIMEOUT_S
    )

    assert answer.status_code == 308
    assert answer.next is not None and answer.next.url == f"{app_url}/dashboard"
