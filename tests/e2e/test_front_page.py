"""Tests of the front page over HTTP."""

import requests

from tests.counting import TIMEOUT_S, view_front_page, view_front_page_concurrently


def test_should_increase_the_number_with_each_view(app_url: str) -> None:
    first = view_front_page(app_url)

    assert [view_front_page(app_url), view_front_page(app_url)] == [
        first + 1,
        first + 2,
    ]


def test_should_answer_head_like_get_without_counting(app_url: str) -> None:
    first = view_front_page(app_url)

    head = requests.head(f"{app_url}/", timeout=TIMEOUT_S)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Type"] == "text/html; charset=utf-8"
    assert view_front_page(app_url) == first + 1


def test_should_refuse_unknown_paths_and_methods(app_url: str) -> None:
    assert requests.get(f"{app_url}/x", timeout=TIMEOUT_S).status_code == 404
    assert requests.post(f"{app_url}/", timeout=TIMEOUT_S).status_code == 405


def test_should_assign_each_number_once_to_concurrent_clients(app_url: str) -> None:
    first = view_front_page(app_url)

    numbers = view_front_page_concurrently(app_url, clients=16, views=50)

    assert sorted(numbers) == list(range(first + 1, first + 801))
    assert view_front_page(app_url) == first + 801
