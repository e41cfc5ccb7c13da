"""The front page, counted in Redis."""

import pytest
from redis import Redis
from webtest import TestApp

from page_tracker import Numbers, Rules, create_app, open_backend
from page_tracker.cli.main import main
from page_tracker.counting.model import FRONT_PAGE


@pytest.fixture(name="client")
def fixture_client(redis_url: str) -> TestApp:
    """A client of a tracker that counts in the shared Redis."""
    return TestApp(create_app(backend=open_backend(redis_url)))


def test_should_show_and_store_five_when_four_views_are_stored(
    client: TestApp, redis_client: Redis
) -> None:
    redis_client.set("page_views", 4)

    response = client.get("/")

    assert response.status == "200 OK"
    assert response.text == "This page has been seen 5 times."
    assert redis_client.get("page_views") == b"5"


def test_should_show_the_stored_views_on_the_command_line(
    redis_url: str, redis_client: Redis, capsys: pytest.CaptureFixture[str]
) -> None:
    redis_client.set("page_views", 4)
    redis_client.delete("{page_views}:pages")

    with pytest.raises(SystemExit) as exited:
        main(["show", "/", "--backend", redis_url])

    assert not exited.value.code
    assert capsys.readouterr().out.startswith("/\t4\t4\t")


def test_should_add_views_to_those_that_are_stored(
    redis_url: str, redis_client: Redis
) -> None:
    redis_client.set("page_views", 4)
    redis_client.delete("{page_views}:pages")
    backend, today = open_backend(redis_url), Rules().today()

    assert backend.add_views(FRONT_PAGE, 5) == Numbers(4, 4)
    assert backend.add_views(FRONT_PAGE, -7) == Numbers(9, 9)

    assert backend.tally(FRONT_PAGE, today).page_views == 2
    assert redis_client.get("page_views") == b"2"


def test_should_show_and_store_one_when_nothing_is_stored(
    client: TestApp, redis_client: Redis
) -> None:
    redis_client.delete("page_views")

    assert client.get("/").text == "This page has been seen 1 times."
    assert redis_client.get("page_views") == b"1"


def test_should_not_count_a_head_request(client: TestApp, redis_client: Redis) -> None:
    redis_client.set("page_views", 4)

    client.head("/")

    assert redis_client.get("page_views") == b"4"


def test_should_show_an_error_when_the_stored_value_is_not_a_number(
    client: TestApp, redis_client: Redis
) -> None:
    redis_client.set("page_views", "many")

    assert client.get("/", status=500).text == "Sorry, something went wrong 😔"
    assert client.head("/", status=500).body == b""
    assert redis_client.get("page_views") == b"many"
    redis_client.delete("page_views")
