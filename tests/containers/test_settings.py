"""The settings in .env, as the tracker in its container sees them."""

import pytest
import requests

from tests.containers.conftest import StartStack
from tests.containers.engine import Stack
from tests.counting import TIMEOUT_S, view_front_page

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(name="stack", scope="module")
def fixture_stack(start_stack: StartStack) -> Stack:
    """A stack with settings of every kind, started from a shell with its own ones."""
    stack = start_stack(
        # The older names of settings. The port is that of this machine.
        PORT="9000",
        WEB_CONCURRENCY="1",
        # Empty values count as unset.
        REDIS_URL="",
        PAGE_TRACKER_BACKEND="",
        PAGE_TRACKER_ADDRESS="",
        PAGE_TRACKER_MAX_PAGES="",
        # A misspelled name.
        PAGE_TRACKER_SITE="example.com",
        PAGE_TRACKER_TOKEN="'0123456789abcd$ef#'",
        PAGE_TRACKER_SITES='"example.com, example.org"  # the blogs',
    )
    stack.exported = {
        "PORT": "9001",
        "REDIS_URL": "memory://",
        "WEB_CONCURRENCY": "3",
        "PAGE_TRACKER_SITES": "other.example",
    }
    stack.up()
    return stack


def test_should_ignore_the_variables_of_the_shell(stack: Stack) -> None:
    ready = requests.get(f"{stack.url}/readyz", timeout=TIMEOUT_S)

    assert ready.json()["backend"] == "redis"
    assert view_front_page(stack.url) == 1
    assert stack.stored_views() == 1
    assert stack.logs().count("Booting worker") == 1


def test_should_pass_each_line_of_the_file(stack: Stack) -> None:
    warning = "PAGE_TRACKER_SITE is not a setting; did you mean PAGE_TRACKER_SITES?"
    assert warning in stack.logs()


def test_should_read_quoted_values(stack: Stack) -> None:
    def status(path: str, token: str = "") -> int:
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{stack.url}{path}", headers=headers, timeout=TIMEOUT_S)
        return answer.status_code

    assert status("/api/sites", "0123456789abcd$ef#") == 200
    assert status("/hit.txt?page=example.org/") == 200
    assert status("/hit.txt?page=other.example/") == 403


def test_should_say_that_the_older_name_of_the_backend_is_not_enough(
    stack: Stack,
) -> None:
    with (stack.folder / ".env").open("a", encoding="utf-8") as file:
        file.write("REDIS_URL=redis://redis.example\n")

    with pytest.raises(AssertionError) as failed:
        stack.compose("run", "--rm", "--no-deps", "-T", "web", "top")

    assert "PAGE_TRACKER_BACKEND and REDIS_URL are both set" in str(failed.value)
